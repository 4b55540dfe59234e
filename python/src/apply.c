/* apply.c: the operator table, and the one way in which Python calls an operator. */
#include "core.h"

/* Read once at import: how many tensors each operator takes. */
static int32_t *arities;
static int32_t operator_count;

int core_load_operators(PyObject *module) {
  operator_count = sc_operator_count();
  PyMem_Free(arities);
  arities = PyMem_Calloc((size_t)operator_count + 1, sizeof(int32_t));
  PyObject *by_name = PyDict_New();
  PyObject *arity_by_name = PyDict_New();
  int status = arities != NULL && by_name != NULL && arity_by_name != NULL ? 0 : -1;
  for (int32_t i = 0; i < operator_count && status == 0; i++) {
    arities[i] = sc_operator_arity(i);
    PyObject *index = PyLong_FromLong(i);
    PyObject *arity = PyLong_FromLong(arities[i]);
    if (index == NULL || arity == NULL || PyDict_SetItemString(by_name, sc_operator_name(i), index) < 0 ||
        PyDict_SetItemString(arity_by_name, sc_operator_name(i), arity) < 0) {
      status = -1;
    }
    Py_XDECREF(index);
    Py_XDECREF(arity);
  }
  if (status == 0 && (PyModule_AddObjectRef(module, "operators", by_name) < 0 ||
                      PyModule_AddObjectRef(module, "arities", arity_by_name) < 0)) {
    status = -1;
  }
  Py_XDECREF(by_name);
  Py_XDECREF(arity_by_name);
  if (status < 0 && !PyErr_Occurred()) PyErr_NoMemory();
  return status;
}

/* The operator that the first argument names; -1 with an exception. */
static int32_t read_operator(PyObject *const *args, Py_ssize_t count) {
  if (count < 1 || !PyLong_Check(args[0])) {
    PyErr_SetString(PyExc_TypeError, "the first argument must be an operator's index, from _core.operators");
    return -1;
  }
  int overflow = 0;
  long long index = PyLong_AsLongLongAndOverflow(args[0], &overflow);
  if (index == -1 && PyErr_Occurred()) return -1;
  if (overflow != 0 || index < 0 || index >= operator_count) {
    PyErr_SetString(PyExc_ValueError, "no operator has this index");
    return -1;
  }
  return (int32_t)index;
}

/* Reads the tensors of a list, which stays alive with the operands. */
static int read_list(core_operands *operands, PyObject *list) {
  for (Py_ssize_t i = 0; i < PyTuple_Size(list); i++) {
    if (core_operands_add(operands, PyTuple_GetItem(list, i)) < 0) return -1;
  }
  return 0;
}

/* Splits `args`, which follow the operator's index, into operands and attributes. With `target`, that tensor is the
 * first operand and is not among `args`. On failure both are left ready to be cleared. */
static int read_arguments(int32_t index, PyObject *target, PyObject *const *args, Py_ssize_t count,
                          core_operands *operands, core_attributes *attributes) {
  int32_t arity = arities[index];
  Py_ssize_t given = target == NULL ? 0 : 1;
  Py_ssize_t slots = arity < 0 ? 1 : arity - given;
  PyObject *list = NULL;
  core_attributes_init(attributes);
  Py_ssize_t capacity = arity;
  if (count >= slots && arity < 0) {
    if (!PyTuple_Check(args[0]) && !PyList_Check(args[0])) {
      core_operands_init(operands, 0);
      core_raise_got(PyExc_TypeError, sc_operator_name(index), "expected a list or tuple of tensors", args[0]);
      return -1;
    }
    list = PySequence_Tuple(args[0]);
    capacity = list == NULL ? 0 : PyTuple_Size(list) + given;
  }
  int status = core_operands_init(operands, capacity);
  operands->keeper = list;
  if (arity < 0 && list == NULL && PyErr_Occurred()) return -1;
  if (status < 0) return -1;
  if (count < slots || slots < 0) {
    PyErr_Format(PyExc_TypeError, "%s: takes %zd tensors, got %zd arguments", sc_operator_name(index),
                 slots + given, count + given);
    return -1;
  }
  if (target != NULL && core_operands_add(operands, target) < 0) return -1;
  if (list != NULL) {
    if (read_list(operands, list) < 0) return -1;
  } else {
    for (Py_ssize_t i = 0; i < slots; i++) {
      if (core_operands_add(operands, args[i]) < 0) return -1;
    }
  }
  for (Py_ssize_t i = slots; i < count; i++) {
    if (core_attributes_add(attributes, args[i]) < 0) return -1;
  }
  return 0;
}

int32_t core_find_operator(const char *name, int32_t *found) {
  if (*found < 0) *found = sc_operator_index(name);
  if (*found < 0) PyErr_Format(PyExc_SystemError, "there is no operator called %s", name);
  return *found;
}

PyObject *core_call(int32_t index, const core_operands *operands, const core_attributes *attributes) {
  sc_attributes given;
  if (core_attributes_finish(attributes, &given) < 0) return NULL;
  sc_tensor *results[CORE_MAX_RESULTS];
  int32_t count = 0;
  sc_status status =
      sc_apply(index, operands->items, operands->count, &given, results, CORE_MAX_RESULTS, &count);
  if (status != SC_OK) return core_raise(status);
  if (count == 1) return core_wrap(results[0]);
  PyObject *tuple = PyTuple_New(count);
  for (int32_t i = 0; i < count; i++) {
    if (tuple == NULL) {
      sc_tensor_release(results[i]);
      continue;
    }
    PyObject *item = core_wrap(results[i]);
    if (item == NULL || PyTuple_SetItem(tuple, i, item) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

PyObject *core_apply(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  int32_t index = read_operator(args, count);
  if (index < 0) return NULL;
  core_operands operands;
  core_attributes attributes;
  PyObject *result = NULL;
  if (read_arguments(index, NULL, args + 1, count - 1, &operands, &attributes) == 0) {
    result = core_call(index, &operands, &attributes);
  }
  core_attributes_clear(&attributes);
  core_operands_clear(&operands);
  return result;
}

PyObject *core_apply_in_place(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  int32_t index = read_operator(args, count);
  if (index < 0) return NULL;
  if (count < 2 || !core_is_tensor(args[1])) {
    PyErr_Format(PyExc_TypeError, "%s: only a Tensor can be changed in place", sc_operator_name(index));
    return NULL;
  }
  core_operands operands;
  core_attributes attributes;
  sc_attributes given;
  int done = read_arguments(index, args[1], args + 2, count - 2, &operands, &attributes) == 0 &&
             core_attributes_finish(&attributes, &given) == 0;
  if (done) {
    sc_status status = sc_apply_in_place(index, operands.items, operands.count, &given);
    done = status == SC_OK;
    if (!done) core_raise(status);
  }
  core_attributes_clear(&attributes);
  core_operands_clear(&operands);
  return done ? Py_NewRef(args[1]) : NULL;
}

PyObject *core_apply_into(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  int32_t index = read_operator(args, count);
  if (index < 0) return NULL;
  if (count < 2 || !(core_is_tensor(args[1]) || (PyObject_CheckBuffer(args[1]) && PySequence_Check(args[1])))) {
    PyErr_Format(PyExc_TypeError, "%s: the destination must be a Tensor or an array", sc_operator_name(index));
    return NULL;
  }
  sc_tensor *destination = core_is_tensor(args[1]) ? sc_tensor_retain(core_tensor(args[1])) : core_borrow(args[1]);
  if (destination == NULL) return NULL;
  core_operands operands;
  core_attributes attributes;
  sc_attributes given;
  int done = read_arguments(index, NULL, args + 2, count - 2, &operands, &attributes) == 0 &&
             core_attributes_finish(&attributes, &given) == 0;
  if (done) {
    sc_status status = sc_apply_into(index, operands.items, operands.count, &given, destination);
    done = status == SC_OK;
    if (!done) core_raise(status);
  }
  core_attributes_clear(&attributes);
  core_operands_clear(&operands);
  sc_tensor_release(destination);
  return done ? Py_NewRef(args[1]) : NULL;
}
