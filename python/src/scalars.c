/* scalars.c: tensors with one element as Python numbers. */
#include "core.h"

static int is_integer(sc_dtype dtype) { return dtype == SC_UINT8 || dtype == SC_INT32 || dtype == SC_INT64; }

PyObject *core_as_float(PyObject *self) {
  double value = 0;
  sc_status status = sc_tensor_item_double(core_tensor(self), &value);
  return status == SC_OK ? PyFloat_FromDouble(value) : core_raise(status);
}

static PyObject *item_as_int(PyObject *self) {
  int64_t value = 0;
  sc_status status = sc_tensor_item_int(core_tensor(self), &value);
  return status == SC_OK ? PyLong_FromLongLong(value) : core_raise(status);
}

PyObject *core_as_int(PyObject *self) {
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  if (info.dtype != SC_FLOAT32 && info.dtype != SC_FLOAT64) return item_as_int(self);
  /* By way of Python, which has integers of any size and words for infinity. */
  double value = 0;
  sc_status status = sc_tensor_item_double(core_tensor(self), &value);
  return status == SC_OK ? PyLong_FromDouble(value) : core_raise(status);
}

PyObject *core_as_index(PyObject *self) {
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  if (info.count != 1 || !(is_integer(info.dtype) || info.dtype == SC_BOOL)) {
    PyErr_SetString(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
    return NULL;
  }
  return item_as_int(self);
}

int core_as_bool(PyObject *self) {
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  if (info.count != 1) {
    PyErr_SetString(PyExc_RuntimeError, info.count == 0
                                            ? "Boolean value of Tensor with no values is ambiguous"
                                            : "Boolean value of Tensor with more than one value is ambiguous");
    return -1;
  }
  double value = 0;
  sc_status status = sc_tensor_item_double(core_tensor(self), &value);
  if (status != SC_OK) {
    core_raise(status);
    return -1;
  }
  return value != 0;
}

PyObject *core_item(PyObject *self, PyObject *ignored) {
  (void)ignored;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  if (info.dtype == SC_FLOAT32 || info.dtype == SC_FLOAT64) return core_as_float(self);
  if (is_integer(info.dtype)) return item_as_int(self);
  int64_t value = 0;
  sc_status status = sc_tensor_item_int(core_tensor(self), &value);
  return status == SC_OK ? PyBool_FromLong(value != 0) : core_raise(status);
}
