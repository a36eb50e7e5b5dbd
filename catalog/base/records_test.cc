#include "catalog/base/records.h"
