/* operands.c: Python values to the tensors that an operator takes. */
#include "core.h"

int core_operands_init(core_operands *operands, Py_ssize_t capacity) {
  operands->items = operands->inline_items;
  operands->created = operands->inline_created;
  operands->keeper = NULL;
  operands->count = operands->created_count = 0;
  operands->capacity = CORE_INLINE_OPERANDS;
  if (capacity <= CORE_INLINE_OPERANDS) return 0;
  if (capacity > INT32_MAX) {
    PyErr_SetString(PyExc_ValueError, "too many tensors in one list");
    return -1;
  }
  sc_tensor **both = PyMem_Calloc((size_t)capacity * 2, sizeof(sc_tensor *));
  if (both == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  operands->items = both;
  operands->created = both + capacity;
  operands->capacity = capacity;
  return 0;
}

void core_operands_clear(core_operands *operands) {
  for (int32_t i = 0; i < operands->created_count; i++) {
    core_releases_with_gil = 1;
    sc_tensor_release(operands->created[i]);
    core_releases_with_gil = 0;
  }
  if (operands->items != operands->inline_items) PyMem_Free(operands->items);
  Py_CLEAR(operands->keeper);
  operands->items = operands->inline_items;
  operands->count = operands->created_count = 0;
}

/* Complex scalars are refused here because their `__float__` would drop the imaginary part. */
int core_is_foreign_bool(PyObject *value) {
  if (!PyObject_CheckBuffer(value)) return 0;
  Py_buffer view;
  if (PyObject_GetBuffer(value, &view, PyBUF_RECORDS_RO) < 0) {
    PyErr_Clear();
    return 0;
  }
  const char *format = view.format == NULL ? "" : view.format;
  int is_bool = format[0] == '?';
  int is_complex = format[0] == 'Z';
  PyBuffer_Release(&view);
  if (is_complex) {
    PyErr_SetString(PyExc_TypeError, "complex numbers are not supported; use the parts x.real and x.imag");
    return -1;
  }
  return is_bool;
}

/* Objects that are numbers and not containers: also NumPy's scalars, but not its arrays. */
static int is_number(PyObject *value) {
  return PyLong_Check(value) || PyFloat_Check(value) ||
         (PyNumber_Check(value) && !PyComplex_Check(value) && !PySequence_Check(value) && !PyType_Check(value));
}

static sc_tensor *tensor_from_int(PyObject *value) {
  PyObject *integer = PyNumber_Index(value);
  if (integer == NULL) return NULL;
  int overflow = 0;
  long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
  Py_DECREF(integer);
  if (overflow != 0) {
    PyErr_SetString(PyExc_ValueError, "an integer operand does not fit 64 bits; write it as a float");
    return NULL;
  }
  if (number == -1 && PyErr_Occurred()) return NULL;
  sc_tensor *tensor = NULL;
  sc_status status = sc_tensor_from_int(number, &tensor);
  if (status != SC_OK) core_raise(status);
  return tensor;
}

static sc_tensor *tensor_from_number(PyObject *value) {
  sc_tensor *tensor = NULL;
  sc_status status;
  if (PyBool_Check(value)) {
    status = sc_tensor_from_bool(value == Py_True, &tensor);
  } else if (PyLong_Check(value)) {
    return tensor_from_int(value);
  } else {
    int is_bool = PyFloat_Check(value) ? 0 : core_is_foreign_bool(value);
    if (is_bool < 0) return NULL;
    if (!is_bool && PyIndex_Check(value)) return tensor_from_int(value);
    double number = PyFloat_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred()) return NULL;
    status = is_bool ? sc_tensor_from_bool(number != 0, &tensor) : sc_tensor_from_double(number, &tensor);
  }
  if (status != SC_OK) core_raise(status);
  return tensor;
}

int core_is_operand(PyObject *value) {
  return core_is_tensor(value) || is_number(value) || PyObject_CheckBuffer(value);
}

int core_operands_add(core_operands *operands, PyObject *value) {
  if (operands->count == operands->capacity) {
    PyErr_SetString(PyExc_SystemError, "more operands than room was made for");
    return -1;
  }
  if (core_is_tensor(value)) {
    if (((core_object *)value)->is_shapeless) {
      PyErr_SetString(PyExc_ValueError,
                      "a parameter of a lazy module has no shape and no values yet; give the module an input first, as in "
                      "net(sc.zeros(1, 1, 28, 28))");
      return -1;
    }
    operands->items[operands->count++] = core_tensor(value);
    return 0;
  }
  if (value == Py_None) {
    operands->items[operands->count++] = NULL;
    return 0;
  }
  sc_tensor *tensor;
  if (is_number(value)) {
    tensor = tensor_from_number(value);
  } else if (PyObject_CheckBuffer(value)) {
    tensor = core_borrow(value);
  } else {
    core_raise_got(PyExc_TypeError, NULL, "expected a Tensor, an array or a number", value);
    return -1;
  }
  if (tensor == NULL) return -1;
  operands->items[operands->count++] = tensor;
  operands->created[operands->created_count++] = tensor;
  return 0;
}
