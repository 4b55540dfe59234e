/* numbers.c: Python's arithmetic and comparison signs. Each one names an operator; nothing is computed here. */
#include "core.h"

/* An operator that a sign stands for, found in the table when it is first needed. */
typedef struct {
  const char *name;
  int32_t index;
} sign;

enum { NOT_FOUND_YET = -1 };

static int32_t resolve(sign *sign) { return core_find_operator(sign->name, &sign->index); }

static PyObject *call_binary(sign *sign, PyObject *left, PyObject *right) {
  if (!core_is_operand(left) || !core_is_operand(right)) return Py_NewRef(Py_NotImplemented);
  int32_t index = resolve(sign);
  if (index < 0) return NULL;
  core_operands operands;
  core_attributes attributes;
  core_attributes_init(&attributes);
  PyObject *result = NULL;
  if (core_operands_init(&operands, 2) == 0 && core_operands_add(&operands, left) == 0 &&
      core_operands_add(&operands, right) == 0) {
    result = core_call(index, &operands, &attributes);
  }
  core_operands_clear(&operands);
  return result;
}

static PyObject *call_in_place(sign *sign, PyObject *target, PyObject *value) {
  if (!core_is_operand(value)) return Py_NewRef(Py_NotImplemented);
  int32_t index = resolve(sign);
  if (index < 0) return NULL;
  core_operands operands;
  PyObject *result = NULL;
  if (core_operands_init(&operands, 2) == 0 && core_operands_add(&operands, target) == 0 &&
      core_operands_add(&operands, value) == 0) {
    sc_attributes none = {NULL, NULL, 0, 0};
    sc_status status = sc_apply_in_place(index, operands.items, operands.count, &none);
    result = status == SC_OK ? Py_NewRef(target) : core_raise(status);
  }
  core_operands_clear(&operands);
  return result;
}

static PyObject *call_unary(sign *sign, PyObject *self) {
  int32_t index = resolve(sign);
  if (index < 0) return NULL;
  core_operands operands;
  core_attributes attributes;
  core_attributes_init(&attributes);
  PyObject *result = NULL;
  if (core_operands_init(&operands, 1) == 0 && core_operands_add(&operands, self) == 0) {
    result = core_call(index, &operands, &attributes);
  }
  core_operands_clear(&operands);
  return result;
}

#define BINARY(function, operator)                                   \
  static sign sign_##operator= {#operator, NOT_FOUND_YET};           \
  static PyObject *function(PyObject *left, PyObject *right) {       \
    return call_binary(&sign_##operator, left, right);               \
  }                                                                  \
  static PyObject *in_place_##function(PyObject *target, PyObject *value) { \
    return call_in_place(&sign_##operator, target, value);           \
  }

#define UNARY(function, operator)                          \
  static sign sign_##operator= {#operator, NOT_FOUND_YET}; \
  static PyObject *function(PyObject *self) { return call_unary(&sign_##operator, self); }

BINARY(number_add, add)
BINARY(number_subtract, sub)
BINARY(number_multiply, mul)
BINARY(number_true_divide, div)
BINARY(number_floor_divide, floor_divide)
BINARY(number_remainder, remainder)
BINARY(number_matmul, matmul)
BINARY(number_and, bitwise_and)
BINARY(number_or, bitwise_or)
BINARY(number_xor, bitwise_xor)
UNARY(number_negative, neg)
UNARY(number_absolute, abs)
UNARY(number_invert, bitwise_not)

static sign sign_pow = {"pow", NOT_FOUND_YET};

/* The third argument of Python's pow(), a modulus, makes no sense for tensors. */
static PyObject *number_power(PyObject *left, PyObject *right, PyObject *modulus) {
  if (modulus != Py_None) return Py_NewRef(Py_NotImplemented);
  return call_binary(&sign_pow, left, right);
}

static PyObject *in_place_number_power(PyObject *target, PyObject *value, PyObject *modulus) {
  if (modulus != Py_None) return Py_NewRef(Py_NotImplemented);
  return call_in_place(&sign_pow, target, value);
}

static PyObject *number_positive(PyObject *self) { return Py_NewRef(self); }

static sign comparisons[] = {
    [Py_LT] = {"lt", NOT_FOUND_YET}, [Py_LE] = {"le", NOT_FOUND_YET}, [Py_EQ] = {"eq", NOT_FOUND_YET},
    [Py_NE] = {"ne", NOT_FOUND_YET}, [Py_GT] = {"gt", NOT_FOUND_YET}, [Py_GE] = {"ge", NOT_FOUND_YET},
};

static PyObject *compare(PyObject *left, PyObject *right, int comparison) {
  return call_binary(&comparisons[comparison], left, right);
}

PyType_Slot core_number_slots[] = {
    {Py_tp_richcompare, compare},
    {Py_nb_add, number_add},
    {Py_nb_subtract, number_subtract},
    {Py_nb_multiply, number_multiply},
    {Py_nb_true_divide, number_true_divide},
    {Py_nb_floor_divide, number_floor_divide},
    {Py_nb_remainder, number_remainder},
    {Py_nb_matrix_multiply, number_matmul},
    {Py_nb_power, number_power},
    {Py_nb_and, number_and},
    {Py_nb_or, number_or},
    {Py_nb_xor, number_xor},
    {Py_nb_inplace_add, in_place_number_add},
    {Py_nb_inplace_subtract, in_place_number_subtract},
    {Py_nb_inplace_multiply, in_place_number_multiply},
    {Py_nb_inplace_true_divide, in_place_number_true_divide},
    {Py_nb_inplace_floor_divide, in_place_number_floor_divide},
    {Py_nb_inplace_remainder, in_place_number_remainder},
    {Py_nb_inplace_matrix_multiply, in_place_number_matmul},
    {Py_nb_inplace_power, in_place_number_power},
    {Py_nb_inplace_and, in_place_number_and},
    {Py_nb_inplace_or, in_place_number_or},
    {Py_nb_inplace_xor, in_place_number_xor},
    {Py_nb_negative, number_negative},
    {Py_nb_positive, number_positive},
    {Py_nb_absolute, number_absolute},
    {Py_nb_invert, number_invert},
    {Py_nb_bool, core_as_bool},
    {Py_nb_float, core_as_float},
    {Py_nb_int, core_as_int},
    {Py_nb_index, core_as_index},
    {0, NULL},
};
