#include "catalog/base/ids.h"
