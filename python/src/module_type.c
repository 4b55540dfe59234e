/*
 * module_type.c: `ModuleBase`, what every use of an `nn.Module` needs at once: its call, and the lookup of its attributes.
 *
 * Parameters, buffers and modules stand in three dictionaries of the instance. As `__getattr__` in Python they would be
 * found after a failed search everywhere else, which takes longer than a small convolution.
 */
#include "core.h"

enum { PARAMETERS, BUFFERS, MODULES, STORE_COUNT };

static PyObject *store_names[STORE_COUNT];
static PyObject *shadowed_name, *before_name, *after_name, *forward_name, *with_hooks_name;

/* The entry of one of the three dictionaries: borrowed, or NULL, with an exception if there is one. */
static PyObject *find_stored(PyObject *attributes, int store, PyObject *name) {
  PyObject *holder = PyDict_GetItemWithError(attributes, store_names[store]);
  if (holder == NULL || !PyDict_Check(holder) || PyDict_Size(holder) == 0) return NULL;
  return PyDict_GetItemWithError(holder, name);
}

/* The same for all three. */
static PyObject *find_in_stores(PyObject *attributes, PyObject *name) {
  PyObject *found = NULL;
  for (int store = 0; store < STORE_COUNT && found == NULL; store++) {
    found = find_stored(attributes, store, name);
    if (found == NULL && PyErr_Occurred()) return NULL;
  }
  return found;
}

/* The attribute as any object finds it, and only then what the module stores. */
static PyObject *find_generic_first(PyObject *self, PyObject *attributes, PyObject *name) {
  PyObject *result = PyObject_GenericGetAttr(self, name);
  if (result != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)) return result;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyObject *found = find_in_stores(attributes, name);
  if (found == NULL && !PyErr_Occurred()) {
    PyErr_Restore(type, value, traceback);
    return NULL;
  }
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  return Py_XNewRef(found);
}

/* What is stored has a name that the class does not use, unless the instance says that some are `_shadowed`. */
static PyObject *module_get_attribute(PyObject *self, PyObject *name) {
  PyObject *attributes = PyObject_GenericGetDict(self, NULL);
  if (attributes == NULL) return NULL;
  PyObject *result = NULL;
  int is_plain = PyDict_Contains(attributes, name);
  if (is_plain == 0) is_plain = PyDict_Contains(attributes, shadowed_name);
  if (is_plain == 0) {
    PyObject *found = find_in_stores(attributes, name);
    if (found != NULL) {
      result = Py_NewRef(found);
    } else if (!PyErr_Occurred()) {
      result = PyObject_GenericGetAttr(self, name);
    }
  } else if (is_plain > 0) {
    result = find_generic_first(self, attributes, name);
  }
  Py_DECREF(attributes);
  return result;
}

/* Whether the instance has a dictionary of hooks, and it is empty. */
static int is_without(PyObject *attributes, PyObject *name) {
  PyObject *hooks = PyDict_GetItemWithError(attributes, name);
  return hooks != NULL && PyDict_Check(hooks) && PyDict_Size(hooks) == 0;
}

/* `forward`, between the hooks if there are any. */
static PyObject *module_call(PyObject *self, PyObject *args, PyObject *keywords) {
  PyObject *attributes = PyObject_GenericGetDict(self, NULL);
  if (attributes == NULL) return NULL;
  int is_hooked = !is_without(attributes, before_name) || !is_without(attributes, after_name);
  Py_DECREF(attributes);
  if (is_hooked && PyErr_Occurred()) return NULL;
  int is_usual = !is_hooked && PyType_GetSlot(Py_TYPE(self), Py_tp_getattro) == (void *)module_get_attribute;
  PyObject *function = is_usual ? PyObject_GenericGetAttr(self, forward_name)
                                : PyObject_GetAttr(self, is_hooked ? with_hooks_name : forward_name);
  if (function == NULL) return NULL;
  PyObject *result = PyObject_Call(function, args, keywords);
  Py_DECREF(function);
  return result;
}

static int make_names(void) {
  static const struct {
    PyObject **place;
    const char *text;
  } names[] = {
      {&store_names[PARAMETERS], "_parameters"}, {&store_names[BUFFERS], "_buffers"},
      {&store_names[MODULES], "_modules"},       {&shadowed_name, "_shadowed"},
      {&before_name, "_forward_pre_hooks"},      {&after_name, "_forward_hooks"},
      {&forward_name, "forward"},                {&with_hooks_name, "_call_with_hooks"},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (*names[i].place == NULL) *names[i].place = PyUnicode_InternFromString(names[i].text);
    if (*names[i].place == NULL) return -1;
  }
  return 0;
}

PyObject *core_make_module_type(PyObject *module) {
  if (make_names() < 0) return NULL;
  PyType_Slot slots[] = {
      {Py_tp_call, module_call},
      {Py_tp_getattro, module_get_attribute},
      {Py_tp_doc, "The native part of swiftconv.nn.Module."},
      {0, NULL},
  };
  PyType_Spec spec = {
      .name = "swiftconv._core.ModuleBase",
      .basicsize = sizeof(PyObject),
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
      .slots = slots,
  };
  return PyType_FromModuleAndSpec(module, &spec, NULL);
}
