/* algorithms.c: by which algorithm convolutions are computed. */
#include "core.h"

PyObject *core_conv_algorithm(PyObject *module, PyObject *ignored) {
  (void)module, (void)ignored;
  return PyUnicode_FromString(sc_conv_algorithm());
}

PyObject *core_set_conv_algorithm(PyObject *module, PyObject *name) {
  (void)module;
  if (!PyUnicode_Check(name)) return core_raise_got(PyExc_TypeError, "conv_algorithm", "expected a name", name);
  const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
  if (text == NULL) return NULL;
  PyObject *previous = PyUnicode_FromString(sc_conv_algorithm());
  if (previous == NULL) return NULL;
  sc_status status = sc_set_conv_algorithm(text);
  if (status == SC_OK) return previous;
  Py_DECREF(previous);
  return core_raise(status);
}

PyObject *core_conv_plan(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count < 1) {
    PyErr_SetString(PyExc_TypeError, "conv_plan takes a pass, shapes, and the attributes of a convolution");
    return NULL;
  }
  long pass = PyLong_AsLong(args[0]);
  if (pass == -1 && PyErr_Occurred()) return NULL;
  core_attributes attributes;
  sc_attributes given;
  core_attributes_init(&attributes);
  PyObject *result = NULL;
  int failed = pass < 0 || pass > 2 ? 1 : 0;
  if (failed) PyErr_SetString(PyExc_ValueError, "conv_plan: the pass is 0, 1 or 2");
  for (Py_ssize_t i = 1; i < count && !failed; i++) failed = core_attributes_add(&attributes, args[i]) < 0;
  if (!failed && core_attributes_finish(&attributes, &given) == 0) {
    const char *algorithm = NULL, *reason = NULL;
    sc_status status = sc_conv_plan((int32_t)pass, &given, &algorithm, &reason);
    result = status == SC_OK ? Py_BuildValue("(ss)", algorithm, reason) : core_raise(status);
  }
  core_attributes_clear(&attributes);
  return result;
}
