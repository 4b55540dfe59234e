/* formats.c: element types of the buffer protocol and their counterparts here. */
#include "core.h"

#if PY_BIG_ENDIAN
#define SWAPPED_PREFIXES "<"
#define NATIVE_PREFIXES "@=>!"
#else
#define SWAPPED_PREFIXES ">!"
#define NATIVE_PREFIXES "@=<"
#endif

/* A type that is known by name, and the dtype to cast it to when it cannot be used as it is. */
typedef struct {
  const char *codes;
  Py_ssize_t item_size;
  const char *name;
  int dtype; /* -1 for those that need a cast */
  const char *cast;
} known_format;

static const known_format known_formats[] = {
    {"?", 1, "bool", SC_BOOL, "bool"},
    {"B", 1, "uint8", SC_UINT8, "uint8"},
    {"ilq", 4, "int32", SC_INT32, "int32"},
    {"ilqn", 8, "int64", SC_INT64, "int64"},
    {"f", 4, "float32", SC_FLOAT32, "float32"},
    {"d", 8, "float64", SC_FLOAT64, "float64"},
    {"b", 1, "int8", -1, "int32"},
    {"h", 2, "int16", -1, "int32"},
    {"H", 2, "uint16", -1, "int32"},
    {"ILQ", 4, "uint32", -1, "int64"},
    {"ILQN", 8, "uint64", -1, "int64"},
    {"e", 2, "float16", -1, "float32"},
    {"g", 0, "longdouble", -1, "float64"},
    {"O", 0, "object", -1, "float64"},
};

static const known_format *look_up(const char *code, Py_ssize_t item_size) {
  if (code[0] == '\0' || code[1] != '\0') return NULL;
  for (size_t i = 0; i < sizeof(known_formats) / sizeof(known_formats[0]); i++) {
    const known_format *known = &known_formats[i];
    if (strchr(known->codes, code[0]) != NULL && (known->item_size == item_size || known->item_size == 0)) {
      return known;
    }
  }
  return NULL;
}

sc_dtype core_dtype_of_format(const char *format, Py_ssize_t item_size) {
  const char *given = format == NULL ? "B" : format;
  int is_swapped = given[0] != '\0' && strchr(SWAPPED_PREFIXES, given[0]) != NULL;
  int has_prefix = is_swapped || (given[0] != '\0' && strchr(NATIVE_PREFIXES, given[0]) != NULL);
  const char *code = has_prefix ? given + 1 : given;
  const known_format *known = look_up(code, item_size);
  if (known == NULL) {
    if (code[0] == 'Z') {
      PyErr_SetString(PyExc_TypeError, "complex arrays are not supported; use the parts x.real and x.imag");
    } else {
      PyErr_Format(PyExc_TypeError,
                   "arrays with elements of format '%.80s' are not supported; write x.astype('float32')", given);
    }
    return -1;
  }
  if (known->dtype >= 0 && (!is_swapped || item_size == 1)) return known->dtype;
  PyErr_Format(PyExc_TypeError, "%s%s arrays cannot be used without a copy; write x.astype('%s')",
               is_swapped ? "byte-swapped " : "", known->name, known->cast);
  return -1;
}

const char *core_format_of(sc_dtype dtype) {
  // Of two types of 64 bits NumPy calls long its int64, and prints the name of the other with every array.
  static const char *const formats[CORE_DTYPE_COUNT] = {"?", "B", "i", sizeof(long) == 8 ? "l" : "q", "f", "d"};
  return formats[dtype];
}

int64_t core_item_size(sc_dtype dtype) {
  static const int64_t sizes[CORE_DTYPE_COUNT] = {1, 1, 4, 8, 4, 8};
  return sizes[dtype];
}
