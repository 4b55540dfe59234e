/* attributes.c: Python values to the integers and floating-point numbers of an operator's attributes. */
#include "core.h"

void core_attributes_init(core_attributes *attributes) {
  attributes->integers = attributes->inline_integers;
  attributes->numbers = attributes->inline_numbers;
  attributes->integer_count = attributes->number_count = 0;
  attributes->integer_capacity = CORE_INLINE_ATTRIBUTES;
  attributes->number_capacity = CORE_INLINE_NUMBERS;
}

void core_attributes_clear(core_attributes *attributes) {
  if (attributes->integers != attributes->inline_integers) PyMem_Free(attributes->integers);
  if (attributes->numbers != attributes->inline_numbers) PyMem_Free(attributes->numbers);
  core_attributes_init(attributes);
}

/* Doubles an array of eight-byte values that is full; the first allocation copies what stands inline. */
static int grow(void **values, void *inline_values, Py_ssize_t *capacity) {
  if (*capacity > PY_SSIZE_T_MAX / 32) {
    PyErr_NoMemory();
    return -1;
  }
  size_t old_size = (size_t)*capacity * 8;
  void *larger = *values == inline_values ? PyMem_Malloc(old_size * 2) : PyMem_Realloc(*values, old_size * 2);
  if (larger == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  if (*values == inline_values) memcpy(larger, inline_values, old_size);
  *values = larger;
  *capacity *= 2;
  return 0;
}

int core_attributes_add_integer(core_attributes *attributes, int64_t value) {
  if (attributes->integer_count == attributes->integer_capacity) {
    void *values = attributes->integers;
    if (grow(&values, attributes->inline_integers, &attributes->integer_capacity) < 0) return -1;
    attributes->integers = values;
  }
  attributes->integers[attributes->integer_count++] = value;
  return 0;
}

static int add_number(core_attributes *attributes, double value) {
  if (attributes->number_count == attributes->number_capacity) {
    void *values = attributes->numbers;
    if (grow(&values, attributes->inline_numbers, &attributes->number_capacity) < 0) return -1;
    attributes->numbers = values;
  }
  attributes->numbers[attributes->number_count++] = value;
  return 0;
}

/* Adds anything with `__index__`. */
static int add_index(core_attributes *attributes, PyObject *value) {
  PyObject *number = PyNumber_Index(value);
  if (number == NULL) return -1;
  int overflow = 0;
  long long integer = PyLong_AsLongLongAndOverflow(number, &overflow);
  Py_DECREF(number);
  if (overflow != 0) {
    PyErr_SetString(PyExc_ValueError, "an integer argument does not fit 64 bits");
    return -1;
  }
  if (integer == -1 && PyErr_Occurred()) return -1;
  return core_attributes_add_integer(attributes, integer);
}

/* Adds anything with `__float__`. */
static int add_float(core_attributes *attributes, PyObject *value) {
  if (!PyFloat_Check(value) && core_is_foreign_bool(value) < 0) return -1;
  double number = PyFloat_AsDouble(value);
  if (number == -1.0 && PyErr_Occurred()) return -1;
  return add_number(attributes, number);
}

/* Adds a tuple: its length, then its elements as floating-point numbers when one of them is a float. */
static int add_tuple(core_attributes *attributes, PyObject *tuple) {
  Py_ssize_t count = PyTuple_Size(tuple);
  if (core_attributes_add_integer(attributes, count) < 0) return -1;
  /* Sizes and strides, as nearly always: whole numbers that are read right where they are. */
  Py_ssize_t done = 0;
  for (; done < count; done++) {
    PyObject *item = PyTuple_GetItem(tuple, done);
    int overflow = 0;
    if (!PyLong_CheckExact(item)) break;
    long long value = PyLong_AsLongLongAndOverflow(item, &overflow);
    if (overflow != 0 || core_attributes_add_integer(attributes, value) < 0) break;
  }
  if (done == count) return 0;
  if (PyErr_Occurred()) return -1;
  attributes->integer_count -= done;
  int has_float = 0;
  for (Py_ssize_t i = 0; i < count && !has_float; i++) has_float = PyFloat_Check(PyTuple_GetItem(tuple, i));
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject *item = PyTuple_GetItem(tuple, i);
    if ((has_float ? add_float(attributes, item) : add_index(attributes, item)) < 0) return -1;
  }
  return 0;
}

int core_attributes_add(core_attributes *attributes, PyObject *value) {
  if (PyLong_Check(value)) return add_index(attributes, value);
  if (PyFloat_Check(value)) return add_float(attributes, value);
  if (PyTuple_Check(value)) return add_tuple(attributes, value);
  if (PyList_Check(value)) {
    /* A copy, because an element's `__index__` may change the list. */
    PyObject *tuple = PyList_AsTuple(value);
    if (tuple == NULL) return -1;
    int status = add_tuple(attributes, tuple);
    Py_DECREF(tuple);
    return status;
  }
  if (PyIndex_Check(value)) return add_index(attributes, value);
  if (PyNumber_Check(value) && !PyComplex_Check(value)) return add_float(attributes, value);
  core_raise_got(PyExc_TypeError, NULL, "expected a number or a tuple of numbers", value);
  return -1;
}

int core_attributes_finish(const core_attributes *attributes, sc_attributes *result) {
  if (attributes->integer_count > INT32_MAX || attributes->number_count > INT32_MAX) {
    PyErr_SetString(PyExc_ValueError, "too many arguments");
    return -1;
  }
  result->integers = attributes->integers;
  result->numbers = attributes->numbers;
  result->integer_count = (int32_t)attributes->integer_count;
  result->number_count = (int32_t)attributes->number_count;
  return 0;
}
