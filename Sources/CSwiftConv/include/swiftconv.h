/*
 * swiftconv.h: the C ABI of swiftconv, a convolution and autodiff core written in Swift.
 *
 * Rules that hold for every function:
 *   - A function that can fail returns an `sc_status`. On failure nothing is written through the out-parameters, and
 *     `sc_last_error()` holds a text for the user, for this thread.
 *   - `sc_tensor` pointers are counted references. One that is written through an out-parameter is owned by the
 *     caller, who gives it back with `sc_tensor_release`. One that is passed in stays the caller's.
 *   - Sizes are counted in elements, strides of the ABI in bytes, negative strides are allowed.
 *   - A tensor may be used by one thread at a time. Different tensors may be used by different threads. A host that
 *     guards tensors with a lock of its own hands that lock over with `sc_set_host_lock`.
 */
#ifndef SWIFTCONV_H
#define SWIFTCONV_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status and errors ------------------------------------------------------------------------------------- */

/* How a call ended. */
typedef int32_t sc_status;
enum {
  SC_OK = 0,
  SC_ERROR_VALUE = 1,           /* a size, shape or argument that does not fit: Python's ValueError */
  SC_ERROR_TYPE = 2,            /* a dtype that is not supported here: TypeError */
  SC_ERROR_INDEX = 3,           /* an index or an axis out of range: IndexError */
  SC_ERROR_RUNTIME = 4,         /* a state that forbids the call, such as a second backward: RuntimeError */
  SC_ERROR_MEMORY = 5,          /* memory that could not be had: MemoryError */
  SC_ERROR_NOT_IMPLEMENTED = 6, /* NotImplementedError */
  SC_ERROR_HOST = 7             /* a callback of the host failed and left its own error in place */
};

/* The text of this thread's latest failure: UTF-8, valid until the thread's next failing call. Never NULL. */
const char *sc_last_error(void);

/* ---- Element types and limits ------------------------------------------------------------------------------- */

typedef int32_t sc_dtype;
enum { SC_BOOL = 0, SC_UINT8 = 1, SC_INT32 = 2, SC_INT64 = 3, SC_FLOAT32 = 4, SC_FLOAT64 = 5 };

/* The most axes a tensor can have. */
enum { SC_MAX_RANK = 8 };

/* ---- The library itself ------------------------------------------------------------------------------------- */

/* The library's version, such as "0.1.0". */
const char *sc_version(void);

/* The version of the Swift compiler that built the library, such as "6.3". */
const char *sc_swift_version(void);

/* The instruction set whose kernels are in use: "baseline", "avx2", "avx512" or "neon". */
const char *sc_isa(void);

/* The CPU's features that matter to the kernels, separated by spaces. */
const char *sc_cpu_features(void);

/* How many threads a kernel may use, the calling one included. */
int32_t sc_num_threads(void);

/* Sets that number; 1 and more. */
sc_status sc_set_num_threads(int32_t count);

/* Bytes of tensor memory that the library holds now, borrowed memory excluded; and the highest value so far. */
void sc_memory_usage(int64_t *current, int64_t *peak);

/* Gives the library a lock that the host holds around every call (Python's GIL): `unlock` is called when a long
 * computation starts and returns a token, `lock` gets that token when it ends. Pass NULLs to take it back. */
void sc_set_host_lock(void *(*unlock)(void), void (*lock)(void *token));

/* ---- Tensors ------------------------------------------------------------------------------------------------ */

/* A counted reference to a tensor. */
typedef struct sc_tensor sc_tensor;

/* What a tensor is, filled by `sc_tensor_describe`. */
typedef struct {
  void *data;                    /* the element at index 0 on every axis; may be NULL when `count` is 0 */
  int64_t count;                 /* number of elements */
  int64_t shape[SC_MAX_RANK];    /* sizes, the first `rank` of them */
  int64_t strides[SC_MAX_RANK];  /* in bytes */
  int32_t rank;
  sc_dtype dtype;
  bool is_writable;              /* false for memory borrowed read-only and for expanded views */
  bool requires_grad;            /* takes part in autodiff */
  bool is_leaf;                  /* not the result of a recorded operation */
} sc_tensor_info;

/* A tensor on memory that belongs to the host. `data` points at the element at index 0 on every axis. `release` is
 * called with `context` exactly once, on whichever thread lets go last, also when it fails: never before the last tensor
 * or view that uses the memory is gone. Strides must be multiples of the element size. */
sc_status sc_tensor_borrow(void *data, sc_dtype dtype, int32_t rank, const int64_t *shape, const int64_t *strides,
                           bool is_writable, void (*release)(void *context), void *context, sc_tensor **result);

/* A new dense tensor with undefined contents. */
sc_status sc_tensor_empty(sc_dtype dtype, int32_t rank, const int64_t *shape, sc_tensor **result);

/* Numbers as operands: tensors without axes that give way in type promotion, so that float32 + 1.5 stays float32. */
sc_status sc_tensor_from_int(int64_t value, sc_tensor **result);
sc_status sc_tensor_from_double(double value, sc_tensor **result);
sc_status sc_tensor_from_bool(bool value, sc_tensor **result);

/* One more reference; gives the same pointer back. */
sc_tensor *sc_tensor_retain(sc_tensor *tensor);

/* One reference less; NULL is allowed. */
void sc_tensor_release(sc_tensor *tensor);

/* Everything about the tensor that does not change when its values do. */
void sc_tensor_describe(const sc_tensor *tensor, sc_tensor_info *info);

/* The value of a tensor with one element, as a floating-point number or (rounded toward zero) an integer. */
sc_status sc_tensor_item_double(const sc_tensor *tensor, double *value);
sc_status sc_tensor_item_int(const sc_tensor *tensor, int64_t *value);

/* A pointer that the host keeps with the tensor (its own object for it); the library does nothing with it. */
void *sc_tensor_host(const sc_tensor *tensor);
void sc_tensor_set_host(sc_tensor *tensor, void *host);

/* ---- Autodiff ----------------------------------------------------------------------------------------------- */

/* Whether operations are recorded, for this thread. True at first. */
bool sc_grad_enabled(void);
void sc_set_grad_enabled(bool enabled);

/* Makes a leaf take part in autodiff, or no longer. Fails for integer dtypes and for results of recorded operations. */
sc_status sc_tensor_set_requires_grad(sc_tensor *tensor, bool requires_grad);

/* The accumulated gradient; writes NULL when there is none. */
sc_status sc_tensor_grad(const sc_tensor *tensor, sc_tensor **result);

/* Replaces the gradient; NULL clears it. Shape and dtype must be the tensor's. */
sc_status sc_tensor_set_grad(sc_tensor *tensor, sc_tensor *gradient);

/* Keeps the gradient of a tensor that is not a leaf, too. */
sc_status sc_tensor_retain_grad(sc_tensor *tensor);

/* The same memory, cut off from the graph. With `tracks_version`, writes through it still count as modifications of
 * values that backward needs (PyTorch's `detach`); without, they do not (PyTorch's `data`). */
sc_status sc_tensor_detach(const sc_tensor *tensor, bool tracks_version, sc_tensor **result);

/* Lets the tensor stand for `source`'s memory, shape and dtype; keeps its identity (PyTorch's `x.data = y`). */
sc_status sc_tensor_set_data(sc_tensor *tensor, sc_tensor *source);

/* The operator that made the tensor, in PyTorch's style ("MulBackward0"); NULL for leaves. The text is valid until the
 * thread's next call of this function. */
const char *sc_tensor_grad_fn(sc_tensor *tensor);

/* How often the tensor's memory has been modified in place. */
int64_t sc_tensor_version(const sc_tensor *tensor);

/* A function of the host that sees a gradient and may replace it: it leaves `*replacement` NULL, or writes an owned
 * tensor of the same shape and dtype. Returns SC_OK, or SC_ERROR_HOST with the host's own error in place. */
typedef sc_status (*sc_hook)(void *context, sc_tensor *gradient, sc_tensor **replacement);

/* Calls `hook` with the tensor's gradient whenever it is computed. `release` is called with `context` when the hook is no
 * longer needed, also when this call fails. */
sc_status sc_tensor_add_hook(sc_tensor *tensor, sc_hook hook, void (*release)(void *context), void *context,
                             int64_t *id);
void sc_tensor_remove_hook(sc_tensor *tensor, int64_t id);

/* The gradient rule of a function of the host: from the gradients of its results (NULL for one that has none) and those
 * results that were to be kept (others are NULL) to owned gradients of its inputs, NULL where there are none. Returns SC_OK,
 * or SC_ERROR_HOST. */
typedef sc_status (*sc_rule)(void *context, int32_t result_count, sc_tensor *const *gradients,
                             sc_tensor *const *kept_results, int32_t input_count, sc_tensor **input_gradients);

/* Makes `results`, fresh tensors that the host computed from `inputs`, the recorded results of a function named `name`.
 * `keeps[i]` says whether the rule wants to see `results[i]` again. Does nothing when no input requires grad or recording
 * is off. `release` is called with `context` when the rule is no longer needed, also when this call fails. */
sc_status sc_record_function(const char *name, int32_t input_count, sc_tensor *const *inputs, int32_t result_count,
                             sc_tensor *const *results, const bool *keeps, sc_rule rule,
                             void (*release)(void *context), void *context);

/* What `sc_backward` does besides computing gradients. */
enum {
  SC_BACKWARD_RETAIN_GRAPH = 1, /* keep saved values, so that the graph can be walked again */
  SC_BACKWARD_CREATE_GRAPH = 2, /* record the backward pass itself, for higher derivatives */
  SC_BACKWARD_ALLOW_UNUSED = 4  /* an input that no root depends on gets NULL instead of an error */
};

/* Walks the graph from `roots` (with `gradients[i]` as the gradient of `roots[i]`; NULL, or a NULL entry, stands for 1
 * and needs a root with one element). With `input_count` 0 the gradients are added to the leaves' `grad`; otherwise they
 * are written to `results`, one for each of `inputs`, and no leaf is touched. */
sc_status sc_backward(int32_t root_count, sc_tensor *const *roots, sc_tensor *const *gradients, int32_t flags,
                      int32_t input_count, sc_tensor *const *inputs, sc_tensor **results);

/* ---- Operators ---------------------------------------------------------------------------------------------- */

/* The operator table: its length, the names in it, and the index of a name (-1 when it is not there). */
int32_t sc_operator_count(void);
const char *sc_operator_name(int32_t index);
int32_t sc_operator_index(const char *name);

/* How many tensors the operator takes; -1 when it takes a list of any length. */
int32_t sc_operator_arity(int32_t index);

/* The arguments of an operator that are not tensors, in the order its declaration reads them: whole numbers and
 * floating-point numbers apart. A list of integers is its length followed by its elements. */
typedef struct {
  const int64_t *integers;
  const double *numbers;
  int32_t integer_count;
  int32_t number_count;
} sc_attributes;

/* Applies an operator and records it when an input requires grad. Entries of `inputs` may be NULL where the operator
 * allows it. At most `capacity` results are written. */
sc_status sc_apply(int32_t index, sc_tensor *const *inputs, int32_t input_count, const sc_attributes *attributes,
                   sc_tensor **results, int32_t capacity, int32_t *result_count);

/* Applies an operator and stores the result in `inputs[0]`, which keeps its identity, shape and dtype. */
sc_status sc_apply_in_place(int32_t index, sc_tensor *const *inputs, int32_t input_count,
                            const sc_attributes *attributes);

/* Applies an operator without recording it and stores the result in `destination`, whose shape and dtype must be the
 * result's. Fails when recording is on and an input or the destination requires grad. */
sc_status sc_apply_into(int32_t index, sc_tensor *const *inputs, int32_t input_count, const sc_attributes *attributes,
                        sc_tensor *destination);

/* A plane of numbers in memory of the caller, who keeps it until the call is over. */
typedef struct {
  void *data; /* the element in row 0 and column 0 */
  int64_t rows, columns;
  int64_t row_stride, column_stride; /* in bytes */
  sc_dtype dtype;
} sc_plane;

/* The operator `corr2d` without tensors and without recording: Y[i, j] = sum(X[i:i+h, j:j+w] * K), for planes of one
 * dtype, float32 or float64, whose elements are aligned. `y` has `x->rows - k->rows + 1` rows, and columns likewise, and shares
 * no memory with the others. */
sc_status sc_corr2d(const sc_plane *x, const sc_plane *k, const sc_plane *y);

/* ---- Algorithms of convolution ------------------------------------------------------------------------------ */

/* By which algorithm this thread wants convolutions computed: "auto", "strict", "direct", "gemm", "winograd", "fft" or
 * "reference". Where an algorithm cannot compute a convolution, the nearest one that can is taken. */
const char *sc_conv_algorithm(void);
sc_status sc_set_conv_algorithm(const char *name);

/* Which algorithm computes a pass of a convolution (0 forward, 1 the input's gradient, 2 the weight's gradient) in this
 * thread, and why. `shapes` holds the lists of sizes of x and of the weight, then the attributes of the operator
 * "convolution". The texts live as long as the process. */
sc_status sc_conv_plan(int32_t pass, const sc_attributes *shapes, const char **algorithm, const char **reason);

#ifdef __cplusplus
}
#endif

#endif /* SWIFTCONV_H */
