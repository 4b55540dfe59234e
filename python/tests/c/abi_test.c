/* abi_test.c: what a host other than Python does with swiftconv.h. Prints the first check that fails. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swiftconv.h"

#define CHECK(condition)                                                                     \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      printf("%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, sc_last_error());           \
      exit(1);                                                                               \
    }                                                                                        \
  } while (0)

static const sc_attributes no_attributes = {NULL, NULL, 0, 0};

static int releases;

static void count_release(void *context) {
  CHECK(strcmp(context, "context") == 0);
  releases++;
}

/* A tensor on memory of this program, of the given shape and dense strides. */
static sc_tensor *borrow(float *data, int32_t rank, const int64_t *shape) {
  int64_t strides[SC_MAX_RANK];
  int64_t stride = sizeof(float);
  for (int32_t i = rank - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  sc_tensor *tensor = NULL;
  CHECK(sc_tensor_borrow(data, SC_FLOAT32, rank, shape, strides, true, count_release, "context", &tensor) == SC_OK);
  return tensor;
}

static sc_tensor *apply2(const char *name, sc_tensor *a, sc_tensor *b) {
  sc_tensor *inputs[] = {a, b}, *result = NULL;
  int32_t count = 0;
  CHECK(sc_apply(sc_operator_index(name), inputs, 2, &no_attributes, &result, 1, &count) == SC_OK);
  CHECK(count == 1);
  return result;
}

static void check_library(void) {
  CHECK(strlen(sc_version()) > 0 && strlen(sc_swift_version()) > 0 && strlen(sc_isa()) > 0);
  CHECK(sc_cpu_features() != NULL && sc_num_threads() >= 1);
  CHECK(sc_set_num_threads(0) != SC_OK);
  CHECK(sc_set_num_threads(2) == SC_OK && sc_num_threads() == 2);
  CHECK(sc_operator_count() > 0);
  for (int32_t i = 0; i < sc_operator_count(); i++) {
    CHECK(sc_operator_index(sc_operator_name(i)) == i);
    CHECK(sc_operator_arity(i) >= -1);
  }
  CHECK(sc_operator_index("no such operator") == -1);
}

static void check_algorithms(void) {
  CHECK(strcmp(sc_conv_algorithm(), "auto") == 0);
  CHECK(sc_set_conv_algorithm("no such algorithm") != SC_OK && strstr(sc_last_error(), "'winograd'") != NULL);
  CHECK(sc_set_conv_algorithm(NULL) != SC_OK);
  CHECK(sc_set_conv_algorithm("gemm") == SC_OK && strcmp(sc_conv_algorithm(), "gemm") == 0);
  const int64_t integers[] = {4, 1, 8, 9, 9, 4, 8, 8, 3, 3, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 1};
  const sc_attributes shapes = {integers, NULL, sizeof integers / sizeof *integers, 0};
  const char *algorithm = NULL, *reason = NULL;
  CHECK(sc_conv_plan(0, &shapes, &algorithm, &reason) == SC_OK);
  CHECK(strcmp(algorithm, "gemm") == 0 && strlen(reason) > 0);
  CHECK(sc_conv_plan(3, &shapes, &algorithm, &reason) != SC_OK);
  CHECK(sc_conv_plan(0, &no_attributes, &algorithm, &reason) != SC_OK);
  CHECK(sc_set_conv_algorithm("auto") == SC_OK);
}

static void check_memory(void) {
  float data[6] = {1, 2, 3, 4, 5, 6};
  releases = 0;
  sc_tensor *x = borrow(data, 2, (int64_t[]){2, 3});
  sc_tensor_info info;
  sc_tensor_describe(x, &info);
  CHECK(info.data == data && info.count == 6 && info.rank == 2 && info.dtype == SC_FLOAT32);
  CHECK(info.shape[0] == 2 && info.shape[1] == 3 && info.strides[0] == 12 && info.strides[1] == 4);
  CHECK(info.is_writable && info.is_leaf && !info.requires_grad);

  sc_tensor *view = NULL;
  CHECK(sc_tensor_detach(x, true, &view) == SC_OK);
  sc_tensor_release(x);
  CHECK(releases == 0);
  sc_tensor_release(view);
  CHECK(releases == 1);

  sc_tensor *nothing = NULL;
  CHECK(sc_tensor_empty(SC_FLOAT64, 1, (int64_t[]){-1}, &nothing) == SC_ERROR_VALUE && nothing == NULL);
  CHECK(sc_tensor_empty(SC_FLOAT64, 1, (int64_t[]){INT64_MAX}, &nothing) != SC_OK && nothing == NULL);
  CHECK(sc_tensor_empty(SC_FLOAT64, SC_MAX_RANK + 1, (int64_t[9]){1}, &nothing) != SC_OK && nothing == NULL);
  CHECK(sc_tensor_empty(99, 0, NULL, &nothing) != SC_OK && nothing == NULL);
  sc_tensor_release(NULL);
}

static void check_host(void) {
  sc_tensor *x = NULL;
  CHECK(sc_tensor_empty(SC_INT64, 0, NULL, &x) == SC_OK);
  CHECK(sc_tensor_host(x) == NULL);
  sc_tensor_set_host(x, &x);
  CHECK(sc_tensor_host(x) == &x);
  sc_tensor_release(x);
}

static void check_operators(void) {
  float a[3] = {1, 2, 3}, b[3] = {10, 20, 30}, out[3] = {0, 0, 0};
  sc_tensor *x = borrow(a, 1, (int64_t[]){3}), *y = borrow(b, 1, (int64_t[]){3}), *z = borrow(out, 1, (int64_t[]){3});
  sc_tensor *sum = apply2("add", x, y);
  sc_tensor_info info;
  sc_tensor_describe(sum, &info);
  CHECK(((float *)info.data)[2] == 33);

  sc_tensor *inputs[] = {x, y};
  int32_t add = sc_operator_index("add");
  CHECK(sc_apply_into(add, inputs, 2, &no_attributes, z) == SC_OK && out[1] == 22);
  CHECK(sc_apply_in_place(add, inputs, 2, &no_attributes) == SC_OK && a[0] == 11 && b[0] == 10);
  CHECK(sc_tensor_version(x) == 1);

  double value = 0;
  CHECK(sc_tensor_item_double(x, &value) != SC_OK && strlen(sc_last_error()) > 0);
  sc_tensor *number = NULL, *result = NULL;
  CHECK(sc_tensor_from_double(1.5, &number) == SC_OK);
  CHECK(sc_tensor_item_double(number, &value) == SC_OK && value == 1.5);
  result = apply2("mul", x, number);
  sc_tensor_describe(result, &info);
  CHECK(info.dtype == SC_FLOAT32);

  /* What does not fit is an error, and leaves the out-parameters alone. */
  sc_tensor *short_one = borrow(b, 1, (int64_t[]){2}), *untouched = NULL;
  sc_tensor *wrong[] = {x, short_one}, *absent[] = {x, NULL};
  int32_t count = 0;
  CHECK(sc_apply(add, wrong, 2, &no_attributes, &untouched, 1, &count) == SC_ERROR_VALUE);
  CHECK(strstr(sc_last_error(), "add") != NULL);
  CHECK(sc_apply(add, absent, 2, &no_attributes, &untouched, 1, &count) != SC_OK);
  CHECK(sc_apply(add, wrong, 1, &no_attributes, &untouched, 1, &count) != SC_OK);
  CHECK(sc_apply(-1, wrong, 2, &no_attributes, &untouched, 1, &count) != SC_OK);
  CHECK(sc_apply(sc_operator_count(), wrong, 2, &no_attributes, &untouched, 1, &count) != SC_OK);
  CHECK(sc_apply(sc_operator_index("softmax"), wrong, 1, &no_attributes, &untouched, 1, &count) != SC_OK);
  CHECK(untouched == NULL && count == 0);

  sc_tensor *all[] = {x, y, z, sum, number, result, short_one};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) sc_tensor_release(all[i]);
}

/* d/dx sum(x * x) = 2 x. */
static void check_planes(void) {
  float x[6] = {1, 2, 3, 4, 5, 6}, k[2] = {1, 10}, y[4] = {0, 0, 0, 0};
  sc_plane image = {x, 2, 3, 3 * sizeof *x, sizeof *x, SC_FLOAT32}, kernel = {k, 1, 2, 2 * sizeof *k, sizeof *k, SC_FLOAT32};
  sc_plane result = {y, 2, 2, 2 * sizeof *y, sizeof *y, SC_FLOAT32};
  CHECK(sc_corr2d(&image, &kernel, &result) == SC_OK && y[0] == 21 && y[1] == 32 && y[2] == 54 && y[3] == 65);
  /* Backwards, and into a plane whose rows are columns. */
  sc_plane turned = {x + 5, 2, 3, -3 * (int64_t)sizeof *x, -(int64_t)sizeof *x, SC_FLOAT32};
  sc_plane columns = {y, 2, 2, sizeof *y, 2 * sizeof *y, SC_FLOAT32};
  CHECK(sc_corr2d(&turned, &kernel, &columns) == SC_OK && y[0] == 56 && y[2] == 45 && y[1] == 23 && y[3] == 12);

  sc_plane wide = result, whole = image, odd = image, other = kernel;
  wide.columns = 3;
  whole.dtype = SC_INT32;
  odd.row_stride = 13;
  other.dtype = SC_FLOAT64;
  CHECK(sc_corr2d(&image, &kernel, &wide) == SC_ERROR_VALUE && sc_corr2d(&kernel, &image, &result) == SC_ERROR_VALUE);
  CHECK(sc_corr2d(&whole, &kernel, &result) == SC_ERROR_TYPE && sc_corr2d(&image, &other, &result) == SC_ERROR_TYPE);
  CHECK(sc_corr2d(&odd, &kernel, &result) == SC_ERROR_TYPE && sc_corr2d(&image, NULL, &result) == SC_ERROR_TYPE);
  CHECK(y[3] == 12);
}

static void check_autodiff(void) {
  float a[3] = {1, -2, 3};
  sc_tensor *x = borrow(a, 1, (int64_t[]){3}), *sum = NULL, *gradient = NULL;
  CHECK(sc_grad_enabled());
  CHECK(sc_tensor_set_requires_grad(x, true) == SC_OK);
  sc_tensor *squares = apply2("mul", x, x);
  CHECK(sc_tensor_grad_fn(squares) != NULL && sc_tensor_grad_fn(x) == NULL);
  int64_t all_axes[] = {0, 0};
  sc_attributes attributes = {all_axes, NULL, 2, 0};
  int32_t count = 0;
  CHECK(sc_apply(sc_operator_index("sum"), &squares, 1, &attributes, &sum, 1, &count) == SC_OK);
  CHECK(sc_tensor_grad(x, &gradient) == SC_OK && gradient == NULL);
  CHECK(sc_backward(1, &sum, NULL, 0, 0, NULL, NULL) == SC_OK);
  CHECK(sc_tensor_grad(x, &gradient) == SC_OK && gradient != NULL);
  sc_tensor_info info;
  sc_tensor_describe(gradient, &info);
  for (int i = 0; i < 3; i++) CHECK(fabsf(((float *)info.data)[i] - 2 * a[i]) < 1e-6f);
  CHECK(sc_backward(1, &sum, NULL, 0, 0, NULL, NULL) == SC_ERROR_RUNTIME);

  sc_set_grad_enabled(false);
  sc_tensor *silent = apply2("mul", x, x);
  CHECK(sc_tensor_grad_fn(silent) == NULL);
  sc_set_grad_enabled(true);

  sc_tensor *every[] = {x, squares, sum, gradient, silent};
  for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) sc_tensor_release(every[i]);
}

int main(void) {
  check_library();
  check_algorithms();
  check_memory();
  check_host();
  check_operators();
  check_planes();
  check_autodiff();
  printf("all checks passed\n");
  return 0;
}
