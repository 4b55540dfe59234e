/* module.c: the module `_core` itself, what Python registers with it, errors, and the library's settings. */
#include <pthread.h>

#include "core.h"

core_registry core_registered;

/* ---- Errors ------------------------------------------------------------------------------------------------------- */

void *core_raise(sc_status status) {
  PyObject *type = PyExc_RuntimeError;
  switch (status) {
    case SC_ERROR_HOST:
      if (PyErr_Occurred()) return NULL;
      break;
    case SC_ERROR_VALUE: type = PyExc_ValueError; break;
    case SC_ERROR_TYPE: type = PyExc_TypeError; break;
    case SC_ERROR_INDEX: type = PyExc_IndexError; break;
    case SC_ERROR_MEMORY: type = PyExc_MemoryError; break;
    /* What an operator refuses, in the words of its error; no function of this module is without an implementation. */
    case SC_ERROR_NOT_IMPLEMENTED: type = PyExc_NotImplementedError; break;
    default: break;
  }
  PyErr_SetString(type, sc_last_error());
  return NULL;
}

void *core_raise_got(PyObject *exception, const char *name, const char *expected, PyObject *object) {
  PyObject *type = PyType_GetName(Py_TYPE(object));
  if (type == NULL) return NULL;
  if (name == NULL) {
    PyErr_Format(exception, "%s, got %U", expected, type);
  } else {
    PyErr_Format(exception, "%s: %s, got %U", name, expected, type);
  }
  Py_DECREF(type);
  return NULL;
}

/* ---- Registration ------------------------------------------------------------------------------------------------- */

/* What was registered before is not given up: a call may be inside of it, and reloading a package is rare. */
static void store(PyObject **place, PyObject *value) { *place = value == Py_None ? NULL : Py_NewRef(value); }

static int register_type(PyObject *value, int is_tensor) {
  PyTypeObject *base = is_tensor ? core_base_type : &PyTuple_Type;
  if (!PyType_Check(value) || !PyType_IsSubtype((PyTypeObject *)value, base)) {
    PyErr_Format(PyExc_TypeError, "expected a subclass of %R, got %R", (PyObject *)base, value);
    return -1;
  }
  if (is_tensor) {
    core_registered.tensor_type = (PyTypeObject *)Py_NewRef(value);
  } else {
    store(&core_registered.size_type, value);
  }
  return 0;
}

static int register_dtypes(PyObject *value) {
  if (!PyTuple_Check(value) || PyTuple_Size(value) != CORE_DTYPE_COUNT) {
    PyErr_Format(PyExc_TypeError, "dtypes must be a tuple of %d objects", CORE_DTYPE_COUNT);
    return -1;
  }
  for (int i = 0; i < CORE_DTYPE_COUNT; i++) store(&core_registered.dtypes[i], PyTuple_GetItem(value, i));
  return 0;
}

static int register_hook(PyObject **place, PyObject *value) {
  if (!PyCallable_Check(value)) {
    core_raise_got(PyExc_TypeError, NULL, "expected a function", value);
    return -1;
  }
  store(place, value);
  return 0;
}

static int register_convolutions(PyObject *value) {
  if (!PyTuple_Check(value) || PyTuple_Size(value) != CORE_CONVOLUTION_COUNT) {
    PyErr_Format(PyExc_TypeError, "convolution_types must be a tuple of %d classes", CORE_CONVOLUTION_COUNT);
    return -1;
  }
  for (int i = 0; i < CORE_CONVOLUTION_COUNT; i++) {
    PyObject *type = PyTuple_GetItem(value, i);
    if (!PyType_Check(type)) {
      core_raise_got(PyExc_TypeError, NULL, "expected a class", type);
      return -1;
    }
    core_registered.convolution_types[i] = (PyTypeObject *)Py_NewRef(type);
  }
  return 0;
}

static int register_one(PyObject *name, PyObject *value) {
  if (PyUnicode_CompareWithASCIIString(name, "tensor_type") == 0) return register_type(value, 1);
  if (PyUnicode_CompareWithASCIIString(name, "size_type") == 0) return register_type(value, 0);
  if (PyUnicode_CompareWithASCIIString(name, "dtypes") == 0) return register_dtypes(value);
  if (PyUnicode_CompareWithASCIIString(name, "advanced_index") == 0) {
    return register_hook(&core_registered.advanced_index, value);
  }
  if (PyUnicode_CompareWithASCIIString(name, "advanced_assign") == 0) {
    return register_hook(&core_registered.advanced_assign, value);
  }
  if (PyUnicode_CompareWithASCIIString(name, "convolution_types") == 0) return register_convolutions(value);
  PyErr_Format(PyExc_TypeError, "register() has no argument %R", name);
  return -1;
}

static PyObject *module_register(PyObject *module, PyObject *args, PyObject *keywords) {
  (void)module;
  if (PyTuple_Size(args) != 0) {
    PyErr_SetString(PyExc_TypeError, "register() takes keyword arguments only");
    return NULL;
  }
  PyObject *name, *value;
  Py_ssize_t position = 0;
  while (keywords != NULL && PyDict_Next(keywords, &position, &name, &value)) {
    if (register_one(name, value) < 0) return NULL;
  }
  return Py_NewRef(Py_None);
}

/* ---- Making tensors ----------------------------------------------------------------------------------------------- */

static PyObject *module_rewrap(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count < 2 || count > 3 || !PyType_Check(args[0]) ||
      !PyType_IsSubtype((PyTypeObject *)args[0], core_base_type) || !core_is_tensor(args[1])) {
    PyErr_SetString(PyExc_TypeError, "rewrap takes a subclass of Tensor, a Tensor, and whether it is without a shape");
    return NULL;
  }
  sc_tensor *tensor = NULL;
  sc_status status = sc_tensor_detach(core_tensor(args[1]), true, &tensor);
  if (status != SC_OK) return core_raise(status);
  PyObject *result = core_wrap_as((PyTypeObject *)args[0], tensor);
  if (result != NULL) ((core_object *)result)->is_shapeless = count == 3 && args[2] == Py_True;
  return result;
}

static PyObject *module_empty(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 2 || !PyTuple_Check(args[0]) || !PyLong_Check(args[1])) {
    PyErr_SetString(PyExc_TypeError, "empty takes a tuple of sizes and the code of a dtype");
    return NULL;
  }
  long dtype = PyLong_AsLong(args[1]);
  if (dtype == -1 && PyErr_Occurred()) return NULL;
  if (dtype < 0 || dtype >= CORE_DTYPE_COUNT) {
    PyErr_SetString(PyExc_ValueError, "no dtype has this code");
    return NULL;
  }
  core_attributes attributes;
  sc_attributes given;
  core_attributes_init(&attributes);
  PyObject *result = NULL;
  if (core_attributes_add(&attributes, args[0]) == 0 && core_attributes_finish(&attributes, &given) == 0) {
    if (given.number_count > 0) {
      PyErr_SetString(PyExc_TypeError, "sizes must be integers");
    } else if (given.integers[0] > SC_MAX_RANK) {
      PyErr_Format(PyExc_ValueError, "tensors can have up to %d axes, got %d sizes", SC_MAX_RANK,
                   (int)given.integers[0]);
    } else {
      sc_tensor *tensor = NULL;
      sc_status status = sc_tensor_empty((sc_dtype)dtype, (int32_t)given.integers[0], given.integers + 1, &tensor);
      result = status == SC_OK ? core_wrap(tensor) : core_raise(status);
    }
  }
  core_attributes_clear(&attributes);
  return result;
}

/* ---- Settings ----------------------------------------------------------------------------------------------------- */

static PyObject *module_num_threads(PyObject *module, PyObject *ignored) {
  (void)module, (void)ignored;
  return PyLong_FromLong(sc_num_threads());
}

static PyObject *module_set_num_threads(PyObject *module, PyObject *value) {
  (void)module;
  PyObject *integer = PyNumber_Index(value);
  if (integer == NULL) return NULL;
  int overflow = 0;
  long count = PyLong_AsLongAndOverflow(integer, &overflow);
  Py_DECREF(integer);
  if (overflow != 0 || count > INT32_MAX) count = overflow < 0 ? 0 : INT32_MAX;
  if (count < 0) count = 0;
  sc_status status = sc_set_num_threads((int32_t)count);
  return status == SC_OK ? Py_NewRef(Py_None) : core_raise(status);
}

static PyObject *module_info(PyObject *module, PyObject *ignored) {
  (void)module, (void)ignored;
  int64_t current = 0, peak = 0;
  sc_memory_usage(&current, &peak);
  return Py_BuildValue("{s:s,s:s,s:s,s:s,s:i,s:L,s:L}", "version", sc_version(), "swift_version", sc_swift_version(),
                       "isa", sc_isa(), "cpu_features", sc_cpu_features(), "num_threads", (int)sc_num_threads(),
                       "memory_current", (long long)current, "memory_peak", (long long)peak);
}

/* ---- The module --------------------------------------------------------------------------------------------------- */

static void *unlock_interpreter(void) { return PyEval_SaveThread(); }
static void lock_interpreter(void *token) { PyEval_RestoreThread(token); }

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef functions[] = {
    {"apply", FAST(core_apply), METH_FASTCALL, "apply(op, *tensors, *attributes): one operator's result or results."},
    {"apply_in_place", FAST(core_apply_in_place), METH_FASTCALL,
     "apply_in_place(op, target, *tensors, *attributes): stores the result in target and returns it."},
    {"apply_into", FAST(core_apply_into), METH_FASTCALL,
     "apply_into(op, destination, *tensors, *attributes): stores the result in destination and returns it."},
    {"corr2d", FAST(core_corr2d), METH_FASTCALL,
     "corr2d(X, K, empty): the correlation of two small arrays in an array from empty, or None."},
    {"convolve", FAST(core_convolve), METH_FASTCALL,
     "convolve(layer, input): what a layer of the library computes; NotImplemented for any other, and for mistakes."},
    {"backward", FAST(core_backward), METH_FASTCALL, "backward(tensors, gradients, retain_graph, create_graph)."},
    {"grad", FAST(core_grad), METH_FASTCALL,
     "grad(tensors, gradients, inputs, retain_graph, create_graph, allow_unused): a tuple of gradients."},
    {"is_grad_enabled", core_is_grad_enabled, METH_NOARGS, "Whether this thread records operations."},
    {"add_hook", FAST(core_add_hook), METH_FASTCALL, "Calls a function with a tensor's gradient; returns a number."},
    {"remove_hook", FAST(core_remove_hook), METH_FASTCALL, "Takes back what add_hook added."},
    {"record_function", FAST(core_record_function), METH_FASTCALL,
     "Makes tensors the recorded results of a Python function: name, inputs, results, keeps, rule."},
    {"set_grad_enabled", core_set_grad_enabled, METH_O, "Switches recording; returns the previous setting."},
    {"register", FAST(module_register), METH_VARARGS | METH_KEYWORDS, "Registers Python's classes and functions."},
    {"rewrap", FAST(module_rewrap), METH_FASTCALL, "rewrap(cls, tensor, is_shapeless=False): tensor's memory as a new object of class cls."},
    {"empty", FAST(module_empty), METH_FASTCALL, "empty(shape, dtype_code): a tensor with undefined contents."},
    {"from_buffer", core_from_buffer, METH_O, "A tensor on the memory of an array."},
    {"to_dlpack", core_to_dlpack, METH_O, "A DLPack capsule of a tensor."},
    {"from_dlpack", core_from_dlpack, METH_O, "A tensor on the memory of a DLPack capsule."},
    {"num_threads", module_num_threads, METH_NOARGS, "How many threads a computation may use."},
    {"set_num_threads", module_set_num_threads, METH_O, "Sets how many threads a computation may use."},
    {"conv_algorithm", core_conv_algorithm, METH_NOARGS, "By which algorithm this thread convolves."},
    {"set_conv_algorithm", core_set_conv_algorithm, METH_O, "Sets the algorithm; returns the previous one."},
    {"conv_plan", FAST(core_conv_plan), METH_FASTCALL,
     "conv_plan(pass, x_shape, weight_shape, *attributes): the algorithm of a convolution, and why."},
    {"info", module_info, METH_NOARGS, "What the library is and runs on, as a dictionary."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_core", "The native part of swiftconv.", -1, functions, NULL, NULL, NULL, NULL,
};

#ifdef SWIFT_THREAD_ID
/* The Swift runtime remembers each thread's number for its locks, also in a forked child, where the one thread left has
 * another number: there a lock that two threads want would never be given. Forgotten, the number is asked for anew. */
extern __thread uint32_t swift_thread_id __asm__(SWIFT_THREAD_ID);

static void forget_thread_id(void) { swift_thread_id = 0; }
#endif

PyMODINIT_FUNC PyInit__core(void) {
  PyObject *module = PyModule_Create(&definition);
  if (module == NULL) return NULL;
  core_base_type = core_make_base_type(module);
  if (core_base_type == NULL || core_load_operators(module) < 0 ||
      PyModule_AddObjectRef(module, "TensorBase", (PyObject *)core_base_type) < 0) {
    Py_DECREF(module);
    return NULL;
  }
  PyObject *module_base = core_make_module_type(module);
  if (module_base == NULL || PyModule_AddObjectRef(module, "ModuleBase", module_base) < 0) {
    Py_XDECREF(module_base);
    Py_DECREF(module);
    return NULL;
  }
  Py_DECREF(module_base);
  sc_set_host_lock(unlock_interpreter, lock_interpreter);
#ifdef SWIFT_THREAD_ID
  pthread_atfork(NULL, NULL, forget_thread_id);
#endif
  return module;
}
