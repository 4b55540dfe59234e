/*
 * core.h: what the files of the `_core` extension share.
 *
 * `_core` carries arguments and buffers between Python and the C ABI of swiftconv. It knows no operator: those are
 * found by index in the table that the library brings along. Only CPython's limited API is used, so that one binary
 * serves every CPython from 3.11.
 *
 * Every function runs with the GIL held. The library gives it up by itself around long computations.
 */
#ifndef SWIFTCONV_CORE_H
#define SWIFTCONV_CORE_H

#include <Python.h>
#include <stdbool.h>
#include <string.h>

#include "swiftconv.h"

/* ---- What Python registers (module.c) ------------------------------------------------------------------------ */

enum { CORE_DTYPE_COUNT = 6, CORE_CONVOLUTION_COUNT = 3 };

/* The Python classes and functions that `_core.register` was given. Owned references, or NULL. */
typedef struct {
  PyTypeObject *tensor_type; /* the class of results */
  PyObject *size_type;       /* the class of shapes, a subclass of tuple */
  PyObject *dtypes[CORE_DTYPE_COUNT];
  PyObject *advanced_index;  /* callable(tensor, index) */
  PyObject *advanced_assign; /* callable(tensor, index, value) */
  PyTypeObject *convolution_types[CORE_CONVOLUTION_COUNT]; /* the layers over one, two and three axes */
} core_registry;

extern core_registry core_registered;

/* Sets the Python exception that belongs to a failed call. Always returns NULL. */
void *core_raise(sc_status status);

/* Sets the exception "<expected>, got <the object's type>". With `name`, an operator's, the text begins with it.
 * Always returns NULL. */
void *core_raise_got(PyObject *exception, const char *name, const char *expected, PyObject *object);

/* ---- Tensors (tensor_type.c) ---------------------------------------------------------------------------------- */

typedef struct {
  PyObject_HEAD
  sc_tensor *tensor;    /* owned; set before anyone sees the object, and never changed */
  bool is_shapeless;    /* a parameter or buffer of a lazy module, until it is given memory of a shape */
} core_object;

/* The type `TensorBase`. */
extern PyTypeObject *core_base_type;

PyTypeObject *core_make_base_type(PyObject *module);

static inline int core_is_tensor(PyObject *object) {
  return Py_TYPE(object) == core_registered.tensor_type || PyObject_TypeCheck(object, core_base_type);
}

static inline sc_tensor *core_tensor(PyObject *object) { return ((core_object *)object)->tensor; }

/* The Python object of a tensor: the one it has, or a new one. Takes over the caller's reference, also on failure. */
PyObject *core_wrap(sc_tensor *tensor);

/* A new object of class `type` for a tensor that has none. Takes over the caller's reference, also on failure. */
PyObject *core_wrap_as(PyTypeObject *type, sc_tensor *tensor);

/* A tuple of integers as the registered class of shapes. */
PyObject *core_make_size(const int64_t *values, int32_t count);

/* Parts of the type that live in files of their own. */
PyObject *core_get_item(PyObject *self, PyObject *index);
int core_set_item(PyObject *self, PyObject *index, PyObject *value);
int core_get_buffer(PyObject *self, Py_buffer *view, int flags);
void core_release_buffer(PyObject *self, Py_buffer *view);
PyObject *core_item(PyObject *self, PyObject *ignored);
PyObject *core_as_float(PyObject *self);
PyObject *core_as_int(PyObject *self);
PyObject *core_as_index(PyObject *self);
int core_as_bool(PyObject *self);

/* The slots of the number protocol and of comparison, for the type's specification; ends with {0, NULL}. */
extern PyType_Slot core_number_slots[];

/* ---- Attributes (attributes.c) -------------------------------------------------------------------------------- */

enum { CORE_INLINE_ATTRIBUTES = 48, CORE_INLINE_NUMBERS = 8 };

/* The arguments of an operator that are not tensors, in two arrays that grow when they must. */
typedef struct {
  int64_t *integers;
  double *numbers;
  Py_ssize_t integer_count, integer_capacity;
  Py_ssize_t number_count, number_capacity;
  int64_t inline_integers[CORE_INLINE_ATTRIBUTES];
  double inline_numbers[CORE_INLINE_NUMBERS];
} core_attributes;

void core_attributes_init(core_attributes *attributes);
void core_attributes_clear(core_attributes *attributes);
int core_attributes_add_integer(core_attributes *attributes, int64_t value);

/* Adds a Python bool, int, float, or a tuple or list of them. 0, or -1 with an exception. */
int core_attributes_add(core_attributes *attributes, PyObject *value);

/* The finished attributes; -1 with an exception when there are more than the ABI can count. */
int core_attributes_finish(const core_attributes *attributes, sc_attributes *result);

/* ---- Operands (operands.c) ------------------------------------------------------------------------------------ */

enum { CORE_INLINE_OPERANDS = 8 };

/* The tensors of a call. Those of Python objects are borrowed from them; those made for the call are also in
 * `created`, and `keeper` holds the objects that came in a list, which other code might change meanwhile. */
typedef struct {
  sc_tensor **items;
  sc_tensor **created;
  PyObject *keeper;
  int32_t count, created_count;
  Py_ssize_t capacity;
  sc_tensor *inline_items[CORE_INLINE_OPERANDS];
  sc_tensor *inline_created[CORE_INLINE_OPERANDS];
} core_operands;

/* Makes room for `capacity` operands. 0, or -1 with an exception; `core_operands_clear` is due in both cases. */
int core_operands_init(core_operands *operands, Py_ssize_t capacity);
void core_operands_clear(core_operands *operands);

/* Adds a Tensor, None, a number or an array. 0, or -1 with an exception. */
int core_operands_add(core_operands *operands, PyObject *value);

/* Whether a scalar of another library (NumPy's) is a bool; -1 with an exception when it is complex. */
int core_is_foreign_bool(PyObject *value);

/* Whether `core_operands_add` would accept the object as an operand of `+`. */
int core_is_operand(PyObject *value);

/* ---- Calls (apply.c) ------------------------------------------------------------------------------------------ */

enum { CORE_MAX_RESULTS = 8 };

/* Reads the operator table. 0, or -1 with an exception. */
int core_load_operators(PyObject *module);

/* The number of an operator of the library, found once and kept in `found`, which begins below 0. A missing one is our own
 * mistake, not the user's: -1 with a SystemError. */
int32_t core_find_operator(const char *name, int32_t *found);

/* Applies an operator to operands that are complete; the result as a Python object. */
PyObject *core_call(int32_t index, const core_operands *operands, const core_attributes *attributes);

PyObject *core_apply(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *core_apply_in_place(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *core_apply_into(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* ---- Modules (module_type.c) ------------------------------------------------------------------------------------ */

/* The type `ModuleBase`. */
PyObject *core_make_module_type(PyObject *module);

PyObject *core_convolve(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* ---- Memory of others (buffers.c, formats.c, dlpack.c) -------------------------------------------------------- */

/* Set while this thread releases tensors with the GIL held, so that memory can be given back without asking for it. */
extern _Thread_local int core_releases_with_gil;

/* A tensor on the memory of an object with the buffer protocol; NULL with an exception. */
sc_tensor *core_borrow(PyObject *object);

/* The dtype of a buffer's format, or -1 with a TypeError that names the cast to write. */
sc_dtype core_dtype_of_format(const char *format, Py_ssize_t item_size);

/* The native format of a dtype, and its size in bytes. */
const char *core_format_of(sc_dtype dtype);
int64_t core_item_size(sc_dtype dtype);

PyObject *core_from_buffer(PyObject *module, PyObject *object);

/* `corr2d` of two small arrays as an array (planes.c); None for arrays that must take the way of tensors. */
PyObject *core_corr2d(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *core_to_dlpack(PyObject *module, PyObject *object);
PyObject *core_from_dlpack(PyObject *module, PyObject *capsule);

/* ---- Autodiff (autodiff.c, functions.c) ----------------------------------------------------------------------- */

/* Tensors of a Python sequence, each held by a reference, because the sequence can change while Swift computes. */
typedef struct {
  sc_tensor **items;
  int32_t count;
} core_tensor_list;

/* Reads a tuple or list of Tensors into an empty list. 0, or -1 with an exception; clearing is due in both cases. */
int core_read_tensors(PyObject *sequence, const char *what, int allows_none, core_tensor_list *list);
void core_tensor_list_clear(core_tensor_list *list);

/* A tuple of tensors, whose references it takes over; None stands for NULL. */
PyObject *core_make_tuple(sc_tensor **results, int32_t count);

PyObject *core_add_hook(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *core_remove_hook(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *core_record_function(PyObject *module, PyObject *const *args, Py_ssize_t count);

PyObject *core_backward(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *core_grad(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *core_is_grad_enabled(PyObject *module, PyObject *ignored);
PyObject *core_set_grad_enabled(PyObject *module, PyObject *value);

/* ---- Algorithms of convolution (algorithms.c) ------------------------------------------------------------------ */

PyObject *core_conv_algorithm(PyObject *module, PyObject *ignored);
PyObject *core_set_conv_algorithm(PyObject *module, PyObject *name);
PyObject *core_conv_plan(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif /* SWIFTCONV_CORE_H */
