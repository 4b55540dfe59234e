/* planes.c: `corr2d` of small arrays without tensors, which would take longer than the sums. */
#include "core.h"

/* Results with more bytes go into memory of the library, which is used again. */
static const int64_t largest_result = 32 << 10;

/* Fills `plane` from an array's buffer: 1, 0 when it is not a plane of floating-point numbers that can be used as it is, or -1
 * with an exception. Only after 1 the buffer is due for release. */
static int open_plane(PyObject *array, Py_buffer *view, int flags, sc_plane *plane) {
  if (PyObject_GetBuffer(array, view, flags) < 0) {
    if (PyErr_ExceptionMatches(PyExc_MemoryError)) return -1;
    PyErr_Clear();
    return 0;
  }
  char kind = view->format == NULL || view->format[0] == '\0' || view->format[1] != '\0' ? '\0' : view->format[0];
  if (view->ndim == 2 && view->shape != NULL && view->strides != NULL && (kind == 'f' || kind == 'd')) {
    *plane = (sc_plane){view->buf,           view->shape[0],   view->shape[1],
                        view->strides[0],    view->strides[1], kind == 'f' ? SC_FLOAT32 : SC_FLOAT64};
    int64_t size = view->itemsize;
    if ((uintptr_t)view->buf % (uintptr_t)size == 0 && plane->row_stride % size == 0 && plane->column_stride % size == 0) {
      return 1;
    }
  }
  PyBuffer_Release(view);
  return 0;
}

/* An array for the result, from NumPy's `empty`. */
static PyObject *make_result(const sc_plane *x, const sc_plane *k, PyObject *empty, PyObject *like) {
  static PyObject *dtype_name;
  if (dtype_name == NULL) dtype_name = PyUnicode_InternFromString("dtype");
  PyObject *shape = Py_BuildValue("(LL)", (long long)(x->rows - k->rows + 1), (long long)(x->columns - k->columns + 1));
  PyObject *dtype = dtype_name == NULL ? NULL : PyObject_GetAttr(like, dtype_name);
  PyObject *result = shape == NULL || dtype == NULL ? NULL : PyObject_CallFunctionObjArgs(empty, shape, dtype, NULL);
  Py_XDECREF(shape);
  Py_XDECREF(dtype);
  return result;
}

static int is_small(const sc_plane *x, const sc_plane *k) {
  if (x->dtype != k->dtype || k->rows < 1 || k->columns < 1 || k->rows > x->rows || k->columns > x->columns) return 0;
  int64_t rows = x->rows - k->rows + 1, columns = x->columns - k->columns + 1;
  return rows <= largest_result / 8 && columns <= largest_result / 8 && rows * columns <= largest_result / 8;
}

PyObject *core_corr2d(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 3) {
    PyErr_SetString(PyExc_TypeError, "corr2d takes two arrays and NumPy's function empty");
    return NULL;
  }
  Py_buffer x_view, k_view, y_view;
  sc_plane x, k, y;
  int status = open_plane(args[0], &x_view, PyBUF_RECORDS_RO, &x);
  if (status <= 0) return status < 0 ? NULL : Py_NewRef(Py_None);
  status = open_plane(args[1], &k_view, PyBUF_RECORDS_RO, &k);
  PyObject *result = NULL;
  if (status > 0) {
    if (!is_small(&x, &k)) {
      status = 0;
    } else if ((result = make_result(&x, &k, args[2], args[0])) != NULL) {
      status = open_plane(result, &y_view, PyBUF_RECORDS, &y);
      if (status > 0) {
        sc_status done = sc_corr2d(&x, &k, &y);
        PyBuffer_Release(&y_view);
        if (done != SC_OK) core_raise(done);
      }
    }
    PyBuffer_Release(&k_view);
  }
  PyBuffer_Release(&x_view);
  if (PyErr_Occurred()) {
    Py_XDECREF(result);
    return NULL;
  }
  if (status > 0) return result;
  Py_XDECREF(result);
  return Py_NewRef(Py_None);
}
