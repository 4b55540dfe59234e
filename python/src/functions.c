/* functions.c: Python functions inside of the graph: hooks on gradients, and functions with a gradient rule of their own. */
#include "core.h"

/* The library may let go of a Python function on any thread that holds a reference to the graph. */
static void release_object(void *context) {
  if (!Py_IsInitialized()) return;
  PyGILState_STATE state = PyGILState_Ensure();
  Py_DECREF((PyObject *)context);
  PyGILState_Release(state);
}

/* ---- Hooks ------------------------------------------------------------------------------------------------------- */

static sc_status call_hook(void *context, sc_tensor *gradient, sc_tensor **replacement) {
  PyObject *argument = core_wrap(sc_tensor_retain(gradient));
  if (argument == NULL) return SC_ERROR_HOST;
  PyObject *result = PyObject_CallFunctionObjArgs((PyObject *)context, argument, NULL);
  Py_DECREF(argument);
  if (result == NULL) return SC_ERROR_HOST;
  sc_status status = SC_OK;
  if (core_is_tensor(result)) {
    *replacement = sc_tensor_retain(core_tensor(result));
  } else if (result != Py_None) {
    core_raise_got(PyExc_TypeError, "hook", "expected None or a Tensor as its result", result);
    status = SC_ERROR_HOST;
  }
  Py_DECREF(result);
  return status;
}

PyObject *core_add_hook(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 2 || !core_is_tensor(args[0]) || !PyCallable_Check(args[1])) {
    PyErr_SetString(PyExc_TypeError, "add_hook takes a Tensor and a function");
    return NULL;
  }
  int64_t id = 0;
  sc_status status = sc_tensor_add_hook(core_tensor(args[0]), call_hook, release_object, Py_NewRef(args[1]), &id);
  return status == SC_OK ? PyLong_FromLongLong(id) : core_raise(status);
}

PyObject *core_remove_hook(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 2 || !core_is_tensor(args[0])) {
    PyErr_SetString(PyExc_TypeError, "remove_hook takes a Tensor and the number that add_hook gave");
    return NULL;
  }
  long long id = PyLong_AsLongLong(args[1]);
  if (id == -1 && PyErr_Occurred()) return NULL;
  sc_tensor_remove_hook(core_tensor(args[0]), id);
  return Py_NewRef(Py_None);
}

/* ---- Functions with a gradient rule ------------------------------------------------------------------------------ */

/* A tuple of borrowed tensors; None stands for NULL. */
static PyObject *tuple_of(sc_tensor *const *tensors, int32_t count) {
  sc_tensor **owned = PyMem_Calloc((size_t)count + 1, sizeof(sc_tensor *));
  if (owned == NULL) return PyErr_NoMemory();
  for (int32_t i = 0; i < count; i++) owned[i] = tensors[i] == NULL ? NULL : sc_tensor_retain(tensors[i]);
  PyObject *tuple = core_make_tuple(owned, count);
  PyMem_Free(owned);
  return tuple;
}

/* Calls the Python rule with two tuples, the gradients and the kept results; it gives a tuple of input gradients. */
static sc_status call_rule(void *context, int32_t result_count, sc_tensor *const *gradients,
                           sc_tensor *const *kept_results, int32_t input_count, sc_tensor **input_gradients) {
  PyObject *given = tuple_of(gradients, result_count);
  PyObject *kept = given == NULL ? NULL : tuple_of(kept_results, result_count);
  PyObject *result = kept == NULL ? NULL : PyObject_CallFunctionObjArgs((PyObject *)context, given, kept, NULL);
  Py_XDECREF(given);
  Py_XDECREF(kept);
  if (result == NULL) return SC_ERROR_HOST;
  core_tensor_list list = {NULL, 0};
  sc_status status = SC_ERROR_HOST;
  if (core_read_tensors(result, "the result of backward", 1, &list) == 0) {
    if (list.count == input_count) {
      for (int32_t i = 0; i < input_count; i++) {
        input_gradients[i] = list.items[i];
        list.items[i] = NULL;
      }
      status = SC_OK;
    } else {
      PyErr_Format(PyExc_ValueError,
                   "backward: returned %d gradients, but forward took %d arguments; return one for each, None where "
                   "there is none",
                   (int)list.count, (int)input_count);
    }
  }
  core_tensor_list_clear(&list);
  Py_DECREF(result);
  return status;
}

/* Reads which results are kept: one truth value for each. 0, or -1 with an exception. */
static int read_keeps(PyObject *values, int32_t count, bool *keeps) {
  if (!PyTuple_Check(values) || PyTuple_Size(values) != count) {
    PyErr_SetString(PyExc_TypeError, "record_function: keeps must be a tuple with one bool for each result");
    return -1;
  }
  for (int32_t i = 0; i < count; i++) {
    int is_true = PyObject_IsTrue(PyTuple_GetItem(values, i));
    if (is_true < 0) return -1;
    keeps[i] = is_true != 0;
  }
  return 0;
}

PyObject *core_record_function(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 5 || !PyUnicode_Check(args[0]) || !PyCallable_Check(args[4])) {
    PyErr_SetString(PyExc_TypeError, "record_function takes a name, inputs, results, keeps and a rule");
    return NULL;
  }
  core_tensor_list inputs = {NULL, 0}, results = {NULL, 0};
  PyObject *outcome = NULL;
  bool *keeps = NULL;
  const char *name = PyUnicode_AsUTF8AndSize(args[0], NULL);
  if (name != NULL && core_read_tensors(args[1], "the inputs", 1, &inputs) == 0 &&
      core_read_tensors(args[2], "the results", 0, &results) == 0) {
    keeps = PyMem_Calloc((size_t)results.count + 1, sizeof(bool));
    if (keeps == NULL) {
      PyErr_NoMemory();
    } else if (read_keeps(args[3], results.count, keeps) == 0) {
      sc_status status = sc_record_function(name, inputs.count, inputs.items, results.count, results.items, keeps,
                                            call_rule, release_object, Py_NewRef(args[4]));
      outcome = status == SC_OK ? Py_NewRef(Py_None) : core_raise(status);
    }
  }
  PyMem_Free(keeps);
  core_tensor_list_clear(&inputs);
  core_tensor_list_clear(&results);
  return outcome;
}
