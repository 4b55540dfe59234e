/*
 * dlpack.c: tensors to and from other libraries through DLPack capsules.
 *
 * The structures are those of DLPack 0.x (https://dmlc.github.io/dlpack/latest/c_api.html), which every library reads.
 */
#include "core.h"

enum { DEVICE_CPU = 1 };
enum { CODE_INT = 0, CODE_UINT = 1, CODE_FLOAT = 2, CODE_BOOL = 6 };

typedef struct {
  void *data;
  struct {
    int32_t type;
    int32_t id;
  } device;
  int32_t rank;
  struct {
    uint8_t code;
    uint8_t bits;
    uint16_t lanes;
  } dtype;
  int64_t *shape;
  int64_t *strides; /* in elements; NULL when the elements lie densely */
  uint64_t byte_offset;
} dl_tensor;

typedef struct managed_tensor {
  dl_tensor tensor;
  void *manager;
  void (*deleter)(struct managed_tensor *self);
} managed_tensor;

static const char *const fresh_name = "dltensor";
static const char *const used_name = "used_dltensor";

static const struct {
  uint8_t code, bits;
} dl_types[CORE_DTYPE_COUNT] = {
    [SC_BOOL] = {CODE_BOOL, 8},  [SC_UINT8] = {CODE_UINT, 8},      [SC_INT32] = {CODE_INT, 32},
    [SC_INT64] = {CODE_INT, 64}, [SC_FLOAT32] = {CODE_FLOAT, 32}, [SC_FLOAT64] = {CODE_FLOAT, 64},
};

/* ---- Out ---------------------------------------------------------------------------------------------------------- */

typedef struct {
  managed_tensor managed; /* first, so that a pointer to one is a pointer to the other */
  sc_tensor *owner;
  int64_t shape[SC_MAX_RANK];
  int64_t strides[SC_MAX_RANK];
} exported_tensor;

/* Called by the consumer, perhaps on a thread without the GIL. */
static void delete_exported(managed_tensor *managed) {
  if (managed == NULL || !Py_IsInitialized()) return;
  PyGILState_STATE state = PyGILState_Ensure();
  exported_tensor *exported = (exported_tensor *)managed;
  sc_tensor_release(exported->owner);
  PyMem_Free(exported);
  PyGILState_Release(state);
}

/* A capsule that nobody consumed frees its tensor. */
static void destroy_capsule(PyObject *capsule) {
  if (!PyCapsule_IsValid(capsule, fresh_name)) return;
  managed_tensor *managed = PyCapsule_GetPointer(capsule, fresh_name);
  managed->deleter(managed);
}

static exported_tensor *export_tensor(sc_tensor *tensor) {
  exported_tensor *exported = PyMem_Calloc(1, sizeof(exported_tensor));
  if (exported == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  sc_status status = sc_tensor_detach(tensor, false, &exported->owner);
  if (status != SC_OK) {
    PyMem_Free(exported);
    return core_raise(status);
  }
  sc_tensor_info info;
  sc_tensor_describe(exported->owner, &info);
  for (int32_t i = 0; i < info.rank; i++) {
    exported->shape[i] = info.shape[i];
    exported->strides[i] = info.strides[i] / core_item_size(info.dtype);
  }
  dl_tensor *described = &exported->managed.tensor;
  described->data = info.data;
  described->device.type = DEVICE_CPU;
  described->rank = info.rank;
  described->dtype.code = dl_types[info.dtype].code;
  described->dtype.bits = dl_types[info.dtype].bits;
  described->dtype.lanes = 1;
  described->shape = exported->shape;
  described->strides = exported->strides;
  exported->managed.manager = exported;
  exported->managed.deleter = delete_exported;
  return exported;
}

PyObject *core_to_dlpack(PyObject *module, PyObject *object) {
  (void)module;
  if (!core_is_tensor(object)) {
    core_raise_got(PyExc_TypeError, NULL, "expected a Tensor", object);
    return NULL;
  }
  sc_tensor_info info;
  sc_tensor_describe(core_tensor(object), &info);
  if (info.requires_grad) {
    PyErr_SetString(PyExc_BufferError, "a tensor that requires grad cannot be exported; use t.detach()");
    return NULL;
  }
  if (!info.is_writable) {
    PyErr_SetString(PyExc_BufferError, "DLPack cannot say that memory is read-only; export t.clone()");
    return NULL;
  }
  exported_tensor *exported = export_tensor(core_tensor(object));
  if (exported == NULL) return NULL;
  PyObject *capsule = PyCapsule_New(&exported->managed, fresh_name, destroy_capsule);
  if (capsule == NULL) delete_exported(&exported->managed);
  return capsule;
}

/* ---- In ----------------------------------------------------------------------------------------------------------- */

/* Called by the library, on any thread, when the last tensor on the memory is gone. */
static void release_imported(void *context) {
  if (!Py_IsInitialized()) return;
  PyGILState_STATE state = PyGILState_Ensure();
  managed_tensor *managed = context;
  if (managed->deleter != NULL) managed->deleter(managed);
  PyGILState_Release(state);
}

static sc_dtype dtype_of(const dl_tensor *described) {
  for (sc_dtype dtype = 0; dtype < CORE_DTYPE_COUNT; dtype++) {
    if (dl_types[dtype].code == described->dtype.code && dl_types[dtype].bits == described->dtype.bits &&
        described->dtype.lanes == 1) {
      return dtype;
    }
  }
  PyErr_Format(PyExc_TypeError,
               "this DLPack dtype (code %d, %d bits, %d lanes) is not supported; cast to float32 before the export",
               described->dtype.code, described->dtype.bits, described->dtype.lanes);
  return -1;
}

/* Strides in bytes. 0 or -1 with an exception. */
static int read_strides(const dl_tensor *described, int64_t item_size, int64_t *strides) {
  int64_t dense = item_size;
  for (int32_t i = described->rank - 1; i >= 0; i--) {
    int64_t size = described->shape[i];
    int overflows = size < 0;
    if (described->strides == NULL) {
      strides[i] = dense;
      overflows = overflows || __builtin_mul_overflow(dense, size, &dense);
    } else {
      overflows = overflows || __builtin_mul_overflow(described->strides[i], item_size, &strides[i]);
    }
    if (overflows) {
      PyErr_SetString(PyExc_ValueError, "the DLPack tensor has impossible sizes");
      return -1;
    }
  }
  return 0;
}

PyObject *core_from_dlpack(PyObject *module, PyObject *capsule) {
  (void)module;
  if (!PyCapsule_IsValid(capsule, fresh_name)) {
    PyErr_SetString(PyExc_TypeError, "expected a DLPack capsule that has not been consumed yet");
    return NULL;
  }
  managed_tensor *managed = PyCapsule_GetPointer(capsule, fresh_name);
  const dl_tensor *described = &managed->tensor;
  if (described->device.type != DEVICE_CPU) {
    PyErr_Format(PyExc_TypeError, "the tensor is on a device (DLPack type %d), not in the CPU's memory; move it first",
                 (int)described->device.type);
    return NULL;
  }
  if (described->rank < 0 || described->rank > SC_MAX_RANK) {
    PyErr_Format(PyExc_TypeError, "tensors can have up to %d axes, this one has %d", SC_MAX_RANK,
                 (int)described->rank);
    return NULL;
  }
  sc_dtype dtype = dtype_of(described);
  int64_t strides[SC_MAX_RANK];
  if (dtype < 0 || read_strides(described, core_item_size(dtype), strides) < 0) return NULL;
  char *data = described->data == NULL ? NULL : (char *)described->data + described->byte_offset;
  if ((uintptr_t)data % (uintptr_t)core_item_size(dtype) != 0) {
    PyErr_SetString(PyExc_TypeError, "misaligned tensors cannot be used without a copy");
    return NULL;
  }
  if (PyCapsule_SetName(capsule, used_name) < 0) return NULL;
  sc_tensor *tensor = NULL;
  /* From here on the memory belongs to the library, also when this call fails. */
  sc_status status = sc_tensor_borrow(data, dtype, described->rank, described->shape, strides, true,
                                      release_imported, managed, &tensor);
  return status == SC_OK ? core_wrap(tensor) : core_raise(status);
}
