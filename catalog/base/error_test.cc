#include "catalog/base/error.h"
