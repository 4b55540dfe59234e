/* autodiff.c: starting the backward pass, and switching its recording on and off. */
#include "core.h"

void core_tensor_list_clear(core_tensor_list *list) {
  for (int32_t i = 0; i < list->count; i++) sc_tensor_release(list->items[i]);
  PyMem_Free(list->items);
  *list = (core_tensor_list){NULL, 0};
}

int core_read_tensors(PyObject *sequence, const char *what, int allows_none, core_tensor_list *list) {
  if (!PyTuple_Check(sequence) && !PyList_Check(sequence)) {
    core_raise_got(PyExc_TypeError, what, "expected a tuple or list of Tensors", sequence);
    return -1;
  }
  PyObject *tuple = PySequence_Tuple(sequence);
  if (tuple == NULL) return -1;
  Py_ssize_t count = PyTuple_Size(tuple);
  list->items = count > INT32_MAX ? NULL : PyMem_Calloc((size_t)count + 1, sizeof(sc_tensor *));
  int status = list->items == NULL ? -1 : 0;
  if (status < 0) PyErr_NoMemory();
  for (Py_ssize_t i = 0; i < count && status == 0; i++) {
    PyObject *item = PyTuple_GetItem(tuple, i);
    if (core_is_tensor(item)) {
      list->items[list->count++] = sc_tensor_retain(core_tensor(item));
    } else if (allows_none && item == Py_None) {
      list->items[list->count++] = NULL;
    } else {
      core_raise_got(PyExc_TypeError, what, "expected a Tensor", item);
      status = -1;
    }
  }
  Py_DECREF(tuple);
  return status;
}

/* Reads roots, and gradients unless they are None, and checks that they go together. */
static int read_roots(PyObject *const *args, core_tensor_list *roots, core_tensor_list *gradients) {
  if (core_read_tensors(args[0], "backward", 0, roots) < 0) return -1;
  if (args[1] == Py_None) return 0;
  if (core_read_tensors(args[1], "backward's gradients", 1, gradients) < 0) return -1;
  if (gradients->count == roots->count) return 0;
  PyErr_Format(PyExc_ValueError, "backward: got %d tensors but %d gradients", (int)roots->count, (int)gradients->count);
  return -1;
}

/* The flag when the Python value is true; -1 with an exception. */
static int32_t read_flag(PyObject *value, int32_t flag) {
  int is_true = PyObject_IsTrue(value);
  return is_true < 0 ? -1 : is_true ? flag : 0;
}

PyObject *core_backward(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 4) {
    PyErr_SetString(PyExc_TypeError, "backward takes tensors, gradients, retain_graph and create_graph");
    return NULL;
  }
  int32_t retain = read_flag(args[2], SC_BACKWARD_RETAIN_GRAPH);
  int32_t create = retain < 0 ? -1 : read_flag(args[3], SC_BACKWARD_CREATE_GRAPH);
  if (create < 0) return NULL;
  core_tensor_list roots = {NULL, 0}, gradients = {NULL, 0};
  PyObject *result = NULL;
  if (read_roots(args, &roots, &gradients) == 0) {
    sc_status status = sc_backward(roots.count, roots.items, gradients.items, retain | create, 0, NULL, NULL);
    result = status == SC_OK ? Py_NewRef(Py_None) : core_raise(status);
  }
  core_tensor_list_clear(&roots);
  core_tensor_list_clear(&gradients);
  return result;
}

PyObject *core_make_tuple(sc_tensor **results, int32_t count) {
  PyObject *tuple = PyTuple_New(count);
  for (int32_t i = 0; i < count; i++) {
    if (tuple == NULL) {
      sc_tensor_release(results[i]);
      continue;
    }
    PyObject *item = results[i] == NULL ? Py_NewRef(Py_None) : core_wrap(results[i]);
    if (item == NULL || PyTuple_SetItem(tuple, i, item) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

PyObject *core_grad(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 6) {
    PyErr_SetString(PyExc_TypeError,
                    "grad takes tensors, gradients, inputs, retain_graph, create_graph and allow_unused");
    return NULL;
  }
  int32_t retain = read_flag(args[3], SC_BACKWARD_RETAIN_GRAPH);
  int32_t create = retain < 0 ? -1 : read_flag(args[4], SC_BACKWARD_CREATE_GRAPH);
  int32_t unused = create < 0 ? -1 : read_flag(args[5], SC_BACKWARD_ALLOW_UNUSED);
  if (unused < 0) return NULL;
  core_tensor_list roots = {NULL, 0}, gradients = {NULL, 0}, inputs = {NULL, 0};
  PyObject *result = NULL;
  if (read_roots(args, &roots, &gradients) == 0 && core_read_tensors(args[2], "grad's inputs", 0, &inputs) == 0) {
    sc_tensor **results = PyMem_Calloc((size_t)inputs.count + 1, sizeof(sc_tensor *));
    if (results == NULL) {
      PyErr_NoMemory();
    } else if (inputs.count == 0) {
      /* To the library, no inputs means all leaves. */
      PyErr_SetString(PyExc_ValueError, "grad: needs at least one input");
    } else {
      sc_status status = sc_backward(roots.count, roots.items, gradients.items, retain | create | unused,
                                     inputs.count, inputs.items, results);
      result = status == SC_OK ? core_make_tuple(results, inputs.count) : core_raise(status);
    }
    PyMem_Free(results);
  }
  core_tensor_list_clear(&roots);
  core_tensor_list_clear(&gradients);
  core_tensor_list_clear(&inputs);
  return result;
}

PyObject *core_is_grad_enabled(PyObject *module, PyObject *ignored) {
  (void)module, (void)ignored;
  return PyBool_FromLong(sc_grad_enabled());
}

PyObject *core_set_grad_enabled(PyObject *module, PyObject *value) {
  (void)module;
  int enabled = PyObject_IsTrue(value);
  if (enabled < 0) return NULL;
  PyObject *previous = PyBool_FromLong(sc_grad_enabled());
  sc_set_grad_enabled(enabled != 0);
  return previous;
}
