/*
 * module_type.c: `ModuleBase`, what every use of an `nn.Module` needs at once: its call, and the lookup of its attributes.
 *
 * Parameters, buffers and modules stand in three dictionaries of the instance. As `__getattr__` in Python they would be
 * found after a failed search everywhere else, which takes longer than a small convolution.
 */
#include "core.h"

enum { PARAMETERS, BUFFERS, MODULES, STORE_COUNT };

static PyObject *store_names[STORE_COUNT];
enum { STRIDE, PADDING, PADDING_MODE, DILATION, GROUPS, SETTING_COUNT };

static PyObject *setting_names[SETTING_COUNT], *weight_name, *bias_name, *zeros_text;
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

/* ---- Convolutions ------------------------------------------------------------------------------------------------ */

/* What a layer has set for the operator, with references of our own: another thread may change the layer meanwhile. */
typedef struct {
  PyObject *weight, *bias, *stride, *padding, *dilation, *groups;
} layer_settings;

static void clear_settings(layer_settings *settings) {
  Py_XDECREF(settings->weight);
  Py_XDECREF(settings->bias);
  Py_XDECREF(settings->stride);
  Py_XDECREF(settings->padding);
  Py_XDECREF(settings->dilation);
  Py_XDECREF(settings->groups);
}

/* An attribute that stands in the instance's dictionary; NULL, with an exception if there is one. */
static PyObject *find_plain(PyObject *attributes, int name) {
  return Py_XNewRef(PyDict_GetItemWithError(attributes, setting_names[name]));
}

/* A parameter that no attribute of the same name hides. */
static PyObject *find_parameter(PyObject *attributes, PyObject *name) {
  return PyDict_Contains(attributes, name) == 0 ? Py_XNewRef(find_stored(attributes, PARAMETERS, name)) : NULL;
}

static int is_tuple_of(PyObject *value, Py_ssize_t count) {
  return value != NULL && PyTuple_Check(value) && PyTuple_Size(value) == count;
}

/* Whether the layer is of one of the library's own classes, which have no attributes of the same names, and is set up as
 * usual: with zeros for the padding, and everything given as numbers. `clear_settings` is due in both cases. */
static int read_settings(PyObject *layer, layer_settings *settings) {
  Py_ssize_t rank = 1;
  while (rank <= CORE_CONVOLUTION_COUNT && Py_TYPE(layer) != core_registered.convolution_types[rank - 1]) rank++;
  if (rank > CORE_CONVOLUTION_COUNT) return 0;
  PyObject *attributes = PyObject_GenericGetDict(layer, NULL);
  if (attributes == NULL) return 0;
  settings->weight = find_parameter(attributes, weight_name);
  settings->bias = find_parameter(attributes, bias_name);
  settings->stride = find_plain(attributes, STRIDE);
  settings->padding = find_plain(attributes, PADDING);
  settings->dilation = find_plain(attributes, DILATION);
  settings->groups = find_plain(attributes, GROUPS);
  int is_usual = settings->weight != NULL && settings->bias != NULL && settings->groups != NULL &&
                 PyDict_GetItemWithError(attributes, setting_names[PADDING_MODE]) == zeros_text &&
                 is_tuple_of(settings->stride, rank) && is_tuple_of(settings->padding, rank) &&
                 is_tuple_of(settings->dilation, rank) && PyDict_Contains(attributes, shadowed_name) == 0;
  Py_DECREF(attributes);
  return is_usual && !PyErr_Occurred();
}

/* The operator's result; NULL with an exception. */
static PyObject *convolve(int32_t index, PyObject *input, const layer_settings *settings) {
  core_operands operands;
  core_attributes attributes;
  core_attributes_init(&attributes);
  PyObject *result = NULL;
  if (core_operands_init(&operands, 3) == 0 && core_operands_add(&operands, input) == 0 &&
      core_operands_add(&operands, settings->weight) == 0 && core_operands_add(&operands, settings->bias) == 0 &&
      core_attributes_add(&attributes, settings->stride) == 0 &&
      core_attributes_add(&attributes, settings->padding) == 0 &&
      core_attributes_add(&attributes, settings->padding) == 0 &&
      core_attributes_add(&attributes, settings->dilation) == 0 &&
      core_attributes_add(&attributes, settings->groups) == 0) {
    result = core_call(index, &operands, &attributes);
  }
  core_attributes_clear(&attributes);
  core_operands_clear(&operands);
  return result;
}

/* A layer reads eight attributes, which in Python takes longer than a small convolution. What is unusual, and what fails, is
 * left to the layer's own code. */
PyObject *core_convolve(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  static int32_t found = -1;
  layer_settings settings = {NULL, NULL, NULL, NULL, NULL, NULL};
  if (count != 2) {
    PyErr_SetString(PyExc_TypeError, "convolve takes a layer and its input");
    return NULL;
  }
  if (core_find_operator("convolution", &found) < 0) return NULL;
  PyObject *result = NULL;
  if (core_is_tensor(args[1]) && read_settings(args[0], &settings)) result = convolve(found, args[1], &settings);
  clear_settings(&settings);
  if (result != NULL) return result;
  if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_TypeError) && !PyErr_ExceptionMatches(PyExc_ValueError)) {
    return NULL;
  }
  PyErr_Clear();
  return Py_NewRef(Py_NotImplemented);
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
      {&weight_name, "weight"},                  {&bias_name, "bias"},
      {&zeros_text, "zeros"},                    {&setting_names[STRIDE], "stride"},
      {&setting_names[PADDING], "padding"},      {&setting_names[PADDING_MODE], "padding_mode"},
      {&setting_names[DILATION], "dilation"},    {&setting_names[GROUPS], "groups"},
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
