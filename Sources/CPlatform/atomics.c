#include "atomics.h"

_Thread_local bool sc_is_pool_worker_flag;
