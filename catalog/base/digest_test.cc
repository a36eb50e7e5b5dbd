#include "catalog/base/digest.h"
