/* buffers.c: the buffer protocol in both directions, without a copy. */
#include "core.h"

/* ---- In: memory of NumPy and others ----------------------------------------------------------------------------- */

_Thread_local int core_releases_with_gil;

/* Called by the library, on any thread, when the last tensor on the memory is gone. */
static void release_view(void *context) {
  if (core_releases_with_gil) {
    /* Not for what Python code does that runs in here. */
    core_releases_with_gil = 0;
    PyBuffer_Release(context);
    PyMem_Free(context);
    core_releases_with_gil = 1;
    return;
  }
  /* After the interpreter's end there is nothing left to give back to. */
  if (!Py_IsInitialized()) return;
  PyGILState_STATE state = PyGILState_Ensure();
  Py_buffer *view = context;
  PyBuffer_Release(view);
  PyMem_Free(view);
  PyGILState_Release(state);
}

/* Fills `view`, writable if the object allows it. 0 or -1 with a TypeError. */
static int open_view(PyObject *object, Py_buffer *view) {
  if (!PyObject_CheckBuffer(object)) {
    core_raise_got(PyExc_TypeError, NULL, "expected an array", object);
    return -1;
  }
  if (PyObject_GetBuffer(object, view, PyBUF_RECORDS) == 0) return 0;
  PyErr_Clear();
  if (PyObject_GetBuffer(object, view, PyBUF_RECORDS_RO) == 0) return 0;
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) return -1;
  /* NumPy refuses dates and the like with words of its own. */
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_Format(PyExc_TypeError, "this array cannot be used without a copy: %S", value != NULL ? value : Py_None);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  return -1;
}

/* Reads sizes and strides of a view into arrays of the ABI. 0 or -1 with a TypeError. */
static int read_layout(const Py_buffer *view, int64_t *shape, int64_t *strides) {
  if (view->ndim > SC_MAX_RANK) {
    PyErr_Format(PyExc_TypeError, "arrays can have up to %d axes, this one has %d", SC_MAX_RANK, view->ndim);
    return -1;
  }
  int is_aligned = 1, is_empty = 0;
  int64_t dense = view->itemsize;
  for (int i = view->ndim - 1; i >= 0; i--) {
    shape[i] = view->shape == NULL ? view->len / view->itemsize : view->shape[i];
    strides[i] = view->strides == NULL ? dense : view->strides[i];
    /* The stride of an axis with one element is never used, and may be anything. */
    if (shape[i] <= 1 && strides[i] % view->itemsize != 0) strides[i] = view->itemsize;
    is_aligned = is_aligned && strides[i] % view->itemsize == 0;
    is_empty = is_empty || shape[i] == 0;
    dense *= shape[i];
  }
  is_aligned = is_aligned && (uintptr_t)view->buf % (uintptr_t)view->itemsize == 0;
  if (is_aligned || is_empty) return 0;
  PyErr_SetString(PyExc_TypeError, "misaligned arrays cannot be used without a copy; write x.copy()");
  return -1;
}

sc_tensor *core_borrow(PyObject *object) {
  Py_buffer *view = PyMem_Calloc(1, sizeof(Py_buffer));
  if (view == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  if (open_view(object, view) < 0) {
    PyMem_Free(view);
    return NULL;
  }
  int64_t shape[SC_MAX_RANK], strides[SC_MAX_RANK];
  sc_dtype dtype = core_dtype_of_format(view->format, view->itemsize);
  if (dtype < 0 || read_layout(view, shape, strides) < 0) {
    PyBuffer_Release(view);
    PyMem_Free(view);
    return NULL;
  }
  sc_tensor *tensor = NULL;
  /* From here on the view belongs to the library, also when this call fails. */
  sc_status status = sc_tensor_borrow(view->buf, dtype, view->ndim, shape, strides, !view->readonly, release_view,
                                      view, &tensor);
  return status == SC_OK ? tensor : core_raise(status);
}

PyObject *core_from_buffer(PyObject *module, PyObject *object) {
  (void)module;
  sc_tensor *tensor = core_borrow(object);
  return tensor == NULL ? NULL : core_wrap(tensor);
}

/* ---- Out: memory of the library ----------------------------------------------------------------------------------- */

/* What an exported view needs as long as it lives. */
typedef struct {
  sc_tensor *owner; /* a tensor of its own on the memory: setting `t.data` must not take it away from the view */
  Py_ssize_t shape[SC_MAX_RANK];
  Py_ssize_t strides[SC_MAX_RANK];
} exported_view;

/* Whether the elements lie densely, in the order of C (last axis fastest) or Fortran. */
static int is_dense(const sc_tensor_info *info, int is_fortran) {
  int64_t expected = core_item_size(info->dtype);
  for (int32_t i = 0; i < info->rank && info->count > 0; i++) {
    int32_t axis = is_fortran ? i : info->rank - 1 - i;
    if (info->shape[axis] != 1 && info->strides[axis] != expected) return 0;
    expected *= info->shape[axis];
  }
  return 1;
}

/* What forbids an export with these flags, or NULL. */
static const char *reason_to_refuse(const sc_tensor_info *info, int flags) {
  int is_c = is_dense(info, 0), is_fortran = is_dense(info, 1);
  if (info->requires_grad) return "Can't call numpy() on a tensor that requires grad; use t.detach().numpy()";
  if ((flags & PyBUF_WRITABLE) != 0 && !info->is_writable) return "the tensor's memory is read-only";
  if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !is_c) return "the tensor is not contiguous";
  if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !is_fortran) return "the tensor is not in Fortran order";
  if ((flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS && !is_c && !is_fortran) {
    return "the tensor is not contiguous";
  }
  if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !is_c) return "the tensor is not contiguous";
  return NULL;
}

int core_get_buffer(PyObject *self, Py_buffer *view, int flags) {
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(self), &info);
  const char *reason = reason_to_refuse(&info, flags);
  view->obj = NULL;
  if (reason != NULL) {
    PyErr_SetString(PyExc_BufferError, reason);
    return -1;
  }
  exported_view *exported = PyMem_Calloc(1, sizeof(exported_view));
  if (exported == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  sc_status status = sc_tensor_detach(core_tensor(self), false, &exported->owner);
  if (status != SC_OK) {
    PyMem_Free(exported);
    core_raise(status);
    return -1;
  }
  for (int32_t i = 0; i < info.rank; i++) {
    exported->shape[i] = (Py_ssize_t)info.shape[i];
    exported->strides[i] = (Py_ssize_t)info.strides[i];
  }
  /* An address that is never read: consumers take NULL for a failure. */
  static double nothing;
  view->buf = info.data != NULL ? info.data : &nothing;
  view->itemsize = (Py_ssize_t)core_item_size(info.dtype);
  view->len = (Py_ssize_t)info.count * view->itemsize;
  view->readonly = !info.is_writable;
  view->ndim = info.rank;
  view->format = (flags & PyBUF_FORMAT) != 0 ? (char *)core_format_of(info.dtype) : NULL;
  view->shape = (flags & PyBUF_ND) != 0 ? exported->shape : NULL;
  view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? exported->strides : NULL;
  view->suboffsets = NULL;
  view->internal = exported;
  view->obj = Py_NewRef(self);
  return 0;
}

void core_release_buffer(PyObject *self, Py_buffer *view) {
  (void)self;
  exported_view *exported = view->internal;
  sc_tensor_release(exported->owner);
  PyMem_Free(exported);
}
