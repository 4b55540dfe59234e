/*
 * indexing.c: `t[index]` and `t[index] = value`.
 *
 * Integers, slices, None and Ellipsis are basic: they go to the operator `index` as one list of integers, four kinds of
 * entries in a row. Masks, lists and tensors are advanced: two Python functions turn those into operators.
 */
#include "core.h"

enum { ENTRY_INTEGER = 0, ENTRY_SLICE = 1, ENTRY_NEW_AXIS = 2, ENTRY_ELLIPSIS = 3 };

typedef enum { FAILED = -1, BASIC = 0, ADVANCED = 1 } parsed;

/* Bounds of a slice are cut to this, far beyond any size, so that adding a size to one cannot overflow. */
static const int64_t largest_bound = (int64_t)1 << 62;

static int64_t clamp_bound(Py_ssize_t bound) {
  if (bound > largest_bound) return largest_bound;
  return bound < -largest_bound ? -largest_bound : bound;
}

static int add_entry(core_attributes *attributes, const int64_t *values, int count) {
  for (int i = 0; i < count; i++) {
    if (core_attributes_add_integer(attributes, values[i]) < 0) return FAILED;
  }
  return BASIC;
}

/* Whether the slice's step is 0, which `PySlice_Unpack` refuses: the operator has better words for that. */
static int has_zero_step(PyObject *slice) {
  PyObject *step = PyObject_GetAttrString(slice, "step");
  if (step == NULL) return 0;
  int is_zero = PyLong_CheckExact(step) && PyObject_Not(step) == 1;
  Py_DECREF(step);
  return is_zero;
}

static parsed add_slice(core_attributes *attributes, PyObject *slice) {
  Py_ssize_t start = 0, stop = 0, step = 0;
  if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
    if (!PyErr_ExceptionMatches(PyExc_ValueError)) return FAILED;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!has_zero_step(slice)) {
      PyErr_Restore(type, value, traceback);
      return FAILED;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    start = stop = step = 0;
  }
  /* What is missing comes as an extreme value; a missing start of a positive step is 0. */
  int has_stop = stop != PY_SSIZE_T_MAX;
  int64_t entry[] = {ENTRY_SLICE, 1,           clamp_bound(start),
                     has_stop,    has_stop ? clamp_bound(stop) : 0, clamp_bound(step)};
  return add_entry(attributes, entry, 6);
}

static parsed add_integer(core_attributes *attributes, PyObject *value) {
  PyObject *integer = PyNumber_Index(value);
  if (integer == NULL) return FAILED;
  int overflow = 0;
  long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
  if (overflow != 0) PyErr_Format(PyExc_IndexError, "index %R is out of range", integer);
  Py_DECREF(integer);
  if (number == -1 && PyErr_Occurred()) return FAILED;
  int64_t entry[] = {ENTRY_INTEGER, number};
  return add_entry(attributes, entry, 2);
}

static parsed add_one(core_attributes *attributes, PyObject *entry) {
  if (PyLong_CheckExact(entry)) return add_integer(attributes, entry);
  if (PySlice_Check(entry)) return add_slice(attributes, entry);
  if (entry == Py_None) return add_entry(attributes, (int64_t[]){ENTRY_NEW_AXIS}, 1);
  if (entry == Py_Ellipsis) return add_entry(attributes, (int64_t[]){ENTRY_ELLIPSIS}, 1);
  if (core_is_tensor(entry) || PyBool_Check(entry) || PySequence_Check(entry)) {
    if (!PyUnicode_Check(entry) && !PyDict_Check(entry)) return ADVANCED;
  } else {
    /* First, because old versions of NumPy have bools with an `__index__`. */
    int is_bool = core_is_foreign_bool(entry);
    if (is_bool != 0) return is_bool < 0 ? FAILED : ADVANCED;
    if (PyIndex_Check(entry)) return add_integer(attributes, entry);
  }
  core_raise_got(PyExc_IndexError, NULL,
                 "an index must be an integer, a slice, None, ..., or a mask or list of integers", entry);
  return FAILED;
}

static parsed add_all(core_attributes *attributes, PyObject *index) {
  if (!PyTuple_Check(index)) return add_one(attributes, index);
  for (Py_ssize_t i = 0; i < PyTuple_Size(index); i++) {
    parsed entry = add_one(attributes, PyTuple_GetItem(index, i));
    if (entry != BASIC) return entry;
  }
  return BASIC;
}

/* The entries as one list: its length, then its integers. */
static parsed parse(core_attributes *attributes, PyObject *index) {
  if (core_attributes_add_integer(attributes, 0) < 0) return FAILED;
  parsed kind = add_all(attributes, index);
  attributes->integers[0] = (int64_t)attributes->integer_count - 1;
  return kind;
}

/* The view that basic entries select; NULL with an exception. */
static sc_tensor *make_view(PyObject *self, const core_attributes *attributes) {
  static int32_t found = -1;
  sc_attributes given;
  if (core_find_operator("index", &found) < 0 || core_attributes_finish(attributes, &given) < 0) return NULL;
  sc_tensor *input = core_tensor(self), *result = NULL;
  int32_t count = 0;
  sc_status status = sc_apply(found, &input, 1, &given, &result, 1, &count);
  return status == SC_OK ? result : core_raise(status);
}

/* Where the package, which sets the hooks, was not imported: nobody else loads `_core`. */
static int missing_hook(void) {
  PyErr_SetString(PyExc_SystemError, "masks and lists as an index need swiftconv, not swiftconv._core alone");
  return -1;
}

PyObject *core_get_item(PyObject *self, PyObject *index) {
  core_attributes attributes;
  core_attributes_init(&attributes);
  PyObject *result = NULL;
  parsed kind = parse(&attributes, index);
  if (kind == BASIC) {
    sc_tensor *view = make_view(self, &attributes);
    if (view != NULL) result = core_wrap(view);
  } else if (kind == ADVANCED) {
    if (core_registered.advanced_index != NULL) {
      result = PyObject_CallFunctionObjArgs(core_registered.advanced_index, self, index, NULL);
    } else {
      missing_hook();
    }
  }
  core_attributes_clear(&attributes);
  return result;
}

/* Copies a value into a view: 0, or -1 with an exception. */
static int assign(sc_tensor *view, PyObject *value) {
  static int32_t found = -1;
  if (core_find_operator("copy", &found) < 0) return -1;
  if (!core_is_operand(value)) {
    core_raise_got(PyExc_TypeError, NULL, "only a Tensor, an array or a number can be assigned to an index", value);
    return -1;
  }
  core_operands operands;
  int result = -1;
  if (core_operands_init(&operands, 1) == 0 && core_operands_add(&operands, value) == 0) {
    sc_tensor *inputs[] = {view, operands.items[0]};
    sc_attributes none = {NULL, NULL, 0, 0};
    sc_status status = sc_apply_in_place(found, inputs, 2, &none);
    if (status == SC_OK) {
      result = 0;
    } else {
      core_raise(status);
    }
  }
  core_operands_clear(&operands);
  return result;
}

/* Whether `t[:] = value` may write to the tensor itself: nothing of it can be recorded. */
static int is_whole(PyObject *self, PyObject *index, PyObject *value) {
  Py_ssize_t start, stop, step;
  if (!PySlice_Check(index)) return 0;
  if (PySlice_Unpack(index, &start, &stop, &step) < 0) {
    PyErr_Clear();
    return 0;
  }
  if (start != 0 || stop != PY_SSIZE_T_MAX || step != 1) return 0;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  if (info.rank == 0 || info.requires_grad) return 0;
  if (!core_is_tensor(value)) return 1;
  sc_tensor_describe(core_tensor(value), &info);
  return !info.requires_grad;
}

int core_set_item(PyObject *self, PyObject *index, PyObject *value) {
  if (value == NULL) {
    PyErr_SetString(PyExc_TypeError, "elements of a tensor cannot be deleted");
    return -1;
  }
  if (is_whole(self, index, value)) return assign(core_tensor(self), value);
  core_attributes attributes;
  core_attributes_init(&attributes);
  int result = -1;
  parsed kind = parse(&attributes, index);
  if (kind == BASIC) {
    sc_tensor *view = make_view(self, &attributes);
    if (view != NULL) {
      result = assign(view, value);
      sc_tensor_release(view);
    }
  } else if (kind == ADVANCED) {
    PyObject *hook = core_registered.advanced_assign;
    PyObject *done = hook != NULL ? PyObject_CallFunctionObjArgs(hook, self, index, value, NULL) : NULL;
    if (hook == NULL) missing_hook();
    if (done != NULL) result = 0;
    Py_XDECREF(done);
  }
  core_attributes_clear(&attributes);
  return result;
}
