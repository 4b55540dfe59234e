/* tensor_type.c: `TensorBase`, the Python object of a tensor: its life, its attributes and its methods. */
#include "core.h"

#include <stddef.h>

PyTypeObject *core_base_type;

/* ---- Life ------------------------------------------------------------------------------------------------------ */

PyObject *core_wrap_as(PyTypeObject *type, sc_tensor *tensor) {
  PyObject *self = PyType_GenericAlloc(type, 0);
  if (self == NULL) {
    sc_tensor_release(tensor);
    return NULL;
  }
  ((core_object *)self)->tensor = tensor;
  sc_tensor_set_host(tensor, self);
  return self;
}

PyObject *core_wrap(sc_tensor *tensor) {
  PyObject *host = sc_tensor_host(tensor);
  /* An object whose count is 0 is being deallocated (weak reference callbacks run then): it gets a successor. */
  if (host != NULL && Py_REFCNT(host) > 0) {
    Py_INCREF(host);
    sc_tensor_release(tensor);
    return host;
  }
  PyTypeObject *type = core_registered.tensor_type != NULL ? core_registered.tensor_type : core_base_type;
  return core_wrap_as(type, tensor);
}

static void tensor_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  sc_tensor *tensor = core_tensor(self);
  ((core_object *)self)->tensor = NULL;
  if (tensor != NULL) {
    if (sc_tensor_host(tensor) == self) sc_tensor_set_host(tensor, NULL);
    sc_tensor_release(tensor);
  }
  freefunc tp_free = (freefunc)PyType_GetSlot(type, Py_tp_free);
  tp_free(self);
  Py_DECREF(type);
}

static PyObject *tensor_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
  (void)type, (void)args, (void)keywords;
  PyErr_SetString(PyExc_TypeError, "tensors are made by swiftconv.tensor(...) and functions like swiftconv.zeros(...)");
  return NULL;
}

static Py_hash_t tensor_hash(PyObject *self) {
  /* Identity. The low bits of an address are always 0. */
  size_t address = (size_t)self;
  Py_hash_t hash = (Py_hash_t)((address >> 4) | (address << (8 * sizeof(size_t) - 4)));
  return hash == -1 ? -2 : hash;
}

/* ---- Attributes ------------------------------------------------------------------------------------------------ */

PyObject *core_make_size(const int64_t *values, int32_t count) {
  PyObject *tuple = PyTuple_New(count);
  if (tuple == NULL) return NULL;
  for (int32_t i = 0; i < count; i++) {
    PyObject *value = PyLong_FromLongLong(values[i]);
    if (value == NULL || PyTuple_SetItem(tuple, i, value) < 0) {
      Py_DECREF(tuple);
      return NULL;
    }
  }
  if (core_registered.size_type == NULL) return tuple;
  PyObject *size = PyObject_CallFunctionObjArgs(core_registered.size_type, tuple, NULL);
  Py_DECREF(tuple);
  return size;
}

static PyObject *get_shape(PyObject *self, void *closure) {
  (void)closure;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  return core_make_size(info.shape, info.rank);
}

static PyObject *get_strides(PyObject *self, void *closure) {
  (void)closure;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  PyObject *tuple = PyTuple_New(info.rank);
  for (int32_t i = 0; tuple != NULL && i < info.rank; i++) {
    PyObject *stride = PyLong_FromLongLong(info.strides[i] / core_item_size(info.dtype));
    if (stride == NULL || PyTuple_SetItem(tuple, i, stride) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

static PyObject *get_dtype(PyObject *self, void *closure) {
  (void)closure;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  PyObject *dtype = core_registered.dtypes[info.dtype];
  return dtype != NULL ? Py_NewRef(dtype) : PyLong_FromLong(info.dtype);
}

static PyObject *get_ndim(PyObject *self, void *closure) {
  (void)closure;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  return PyLong_FromLong(info.rank);
}

/* The booleans of `sc_tensor_info` share one getter: the closure is the field's offset. */
static PyObject *get_flag(PyObject *self, void *offset) {
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  return PyBool_FromLong(*(bool *)((char *)&info + (size_t)offset));
}

static PyObject *get_is_contiguous(PyObject *self, void *closure) {
  (void)closure;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  int64_t expected = core_item_size(info.dtype);
  for (int32_t i = info.rank - 1; i >= 0 && info.count > 0; i--) {
    if (info.shape[i] != 1 && info.strides[i] != expected) return Py_NewRef(Py_False);
    expected *= info.shape[i];
  }
  return Py_NewRef(Py_True);
}

static PyObject *get_data_pointer(PyObject *self, void *closure) {
  (void)closure;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  return PyLong_FromVoidPtr(info.data);
}

static PyObject *get_version(PyObject *self, void *closure) {
  (void)closure;
  return PyLong_FromLongLong(sc_tensor_version(core_tensor(self)));
}

static PyObject *get_grad_fn_name(PyObject *self, void *closure) {
  (void)closure;
  const char *name = sc_tensor_grad_fn(core_tensor(self));
  return name == NULL ? Py_NewRef(Py_None) : PyUnicode_FromString(name);
}

static int set_requires_grad(PyObject *self, PyObject *value, void *closure) {
  (void)closure;
  if (value == NULL || !PyBool_Check(value)) {
    PyErr_SetString(PyExc_TypeError, "requires_grad must be True or False");
    return -1;
  }
  sc_status status = sc_tensor_set_requires_grad(core_tensor(self), value == Py_True);
  if (status != SC_OK) core_raise(status);
  return status == SC_OK ? 0 : -1;
}

static PyObject *get_grad(PyObject *self, void *closure) {
  (void)closure;
  sc_tensor *gradient = NULL;
  sc_status status = sc_tensor_grad(core_tensor(self), &gradient);
  if (status != SC_OK) return core_raise(status);
  return gradient == NULL ? Py_NewRef(Py_None) : core_wrap(gradient);
}

static int set_grad(PyObject *self, PyObject *value, void *closure) {
  (void)closure;
  if (value != NULL && value != Py_None && !core_is_tensor(value)) {
    core_raise_got(PyExc_TypeError, NULL, "grad must be a Tensor or None", value);
    return -1;
  }
  int clears = value == NULL || value == Py_None;
  sc_status status = sc_tensor_set_grad(core_tensor(self), clears ? NULL : core_tensor(value));
  if (status != SC_OK) core_raise(status);
  return status == SC_OK ? 0 : -1;
}

static PyObject *detached(PyObject *self, bool tracks_version) {
  sc_tensor *result = NULL;
  sc_status status = sc_tensor_detach(core_tensor(self), tracks_version, &result);
  return status == SC_OK ? core_wrap(result) : core_raise(status);
}

static PyObject *get_data(PyObject *self, void *closure) {
  (void)closure;
  return detached(self, false);
}

static int set_data(PyObject *self, PyObject *value, void *closure) {
  (void)closure;
  if (value == NULL || !core_is_tensor(value)) {
    PyErr_SetString(PyExc_TypeError, "data must be a Tensor; make one with swiftconv.tensor(...)");
    return -1;
  }
  sc_status status = sc_tensor_set_data(core_tensor(self), core_tensor(value));
  if (status != SC_OK) {
    core_raise(status);
    return -1;
  }
  ((core_object *)self)->is_shapeless = false;
  return 0;
}

#define FLAG(field) ((void *)offsetof(sc_tensor_info, field))

static PyGetSetDef attributes[] = {
    {"shape", get_shape, NULL, "The size of each axis, as a `Size`.", NULL},
    {"dtype", get_dtype, NULL, "The type of the elements.", NULL},
    {"ndim", get_ndim, NULL, "The number of axes.", NULL},
    {"is_leaf", get_flag, NULL, "Whether no recorded operation made the tensor.", FLAG(is_leaf)},
    {"requires_grad", get_flag, set_requires_grad, "Whether operations on the tensor are recorded.", FLAG(requires_grad)},
    {"grad", get_grad, set_grad, "The gradient that backward passes have added up, or None.", NULL},
    {"data", get_data, set_data,
     "The same memory, apart from the graph: writes through it are not recorded. Can be replaced.", NULL},
    {"_version", get_version, NULL, NULL, NULL},
    {"_grad_fn_name", get_grad_fn_name, NULL, NULL, NULL},
    {"is_contiguous_", get_is_contiguous, NULL, NULL, NULL},
    {"_writable", get_flag, NULL, NULL, FLAG(is_writable)},
    {"strides_", get_strides, NULL, NULL, NULL},
    {"_data_ptr", get_data_pointer, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- Methods --------------------------------------------------------------------------------------------------- */

static PyObject *tensor_detach(PyObject *self, PyObject *ignored) {
  (void)ignored;
  return detached(self, true);
}

static PyObject *tensor_retain_grad(PyObject *self, PyObject *ignored) {
  (void)ignored;
  sc_status status = sc_tensor_retain_grad(core_tensor(self));
  return status == SC_OK ? Py_NewRef(Py_None) : core_raise(status);
}

static PyObject *tensor_numel(PyObject *self, PyObject *ignored) {
  (void)ignored;
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  return PyLong_FromLongLong(info.count);
}

static Py_ssize_t tensor_length(PyObject *self) {
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  if (info.rank == 0) {
    PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
    return -1;
  }
  return (Py_ssize_t)info.shape[0];
}

static PyMethodDef methods[] = {
    {"detach", tensor_detach, METH_NOARGS,
     "Return a tensor on the same memory that takes no part in differentiation.\n\n"
     ">>> sc.ones(2, requires_grad=True).detach().requires_grad\nFalse"},
    {"item", core_item, METH_NOARGS,
     "Return the value of a tensor with one element as a bool, int or float.\n\n"
     "Raises RuntimeError when there are more or fewer.\n\n>>> sc.tensor([2.5]).item()\n2.5"},
    {"numel", tensor_numel, METH_NOARGS,
     "Return the number of elements.\n\n>>> sc.zeros(2, 3).numel()\n6"},
    {"retain_grad", tensor_retain_grad, METH_NOARGS,
     "Keep the gradient in `grad` although the tensor is not a leaf.\n\n"
     ">>> y = sc.ones(2, requires_grad=True) * 3\n>>> y.retain_grad()\n>>> y.sum().backward()\n"
     ">>> y.grad\ntensor([1., 1.])"},
    {NULL, NULL, 0, NULL},
};

/* ---- The type -------------------------------------------------------------------------------------------------- */

enum { MAX_SLOTS = 64 };

PyTypeObject *core_make_base_type(PyObject *module) {
  PyType_Slot slots[MAX_SLOTS] = {
      {Py_tp_new, tensor_new},
      {Py_tp_dealloc, tensor_dealloc},
      {Py_tp_hash, tensor_hash},
      {Py_tp_getset, attributes},
      {Py_tp_methods, methods},
      {Py_mp_length, tensor_length},
      {Py_mp_subscript, core_get_item},
      {Py_mp_ass_subscript, core_set_item},
      {Py_bf_getbuffer, core_get_buffer},
      {Py_bf_releasebuffer, core_release_buffer},
      {Py_tp_doc, "The native part of swiftconv.Tensor."},
  };
  int count = 0;
  while (slots[count].slot != 0) count++;
  for (const PyType_Slot *slot = core_number_slots; slot->slot != 0 && count < MAX_SLOTS - 1; slot++) {
    slots[count++] = *slot;
  }
  PyType_Spec spec = {
      .name = "swiftconv._core.TensorBase",
      .basicsize = sizeof(core_object),
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
      .slots = slots,
  };
  return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
