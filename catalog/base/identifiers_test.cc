#include "catalog/base/identifiers.h"
