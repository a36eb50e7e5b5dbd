#include "catalog/base/workdays.h"
