#include "catalog/base/clock.h"
