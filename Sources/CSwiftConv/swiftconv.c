/* The functions of swiftconv.h are defined in Swift; SwiftPM wants one C file in a C target. */
#include "swiftconv.h"
