/* fuzz-state.c -- libFuzzer target: any bytes as texts of a checkpoint, separated by bytes of 0. Built with
 * -Dfuzz=true; run by tools/check.sh. */
#include "method/run/state.h"
#include "method/style/style-settings.h"
#include <string.h>

#define N_FITS 3

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char *const keys[] = { "fits", "done", "kernels", "kernels used", "settings" };
  g_autoptr (RvSettings) named = rv__settings_new (&rv__settings_style);
  const RvStyleSettings *settings = named->fields;
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  g_autoptr (RvTensorMap) state = rv__state_new (rv__style_options (), settings, kernels);
  RvShape shape = rv_shape (1, 2);
  RvFit fits[N_FITS];
  gint64 count;

  const guint8 *end = data + size;
  for (guint i = 0; i < G_N_ELEMENTS (keys) && data < end; i++) {
    const guint8 *zero = memchr (data, 0, (gsize) (end - data)), *stop = zero ? zero : end;
    g_autofree char *text = g_strndup ((const char *) data, (gsize) (stop - data));
    rv_tensor_map_set_text (state, keys[i], text);
    data = zero ? zero + 1 : end;
  }
  g_autoptr (GError) of_check = NULL, of_fits = NULL, of_count = NULL, of_tensor = NULL;
  if (rv__state_check (state, rv__style_options (), settings, "fuzz", &of_check) == (of_check != NULL))
    __builtin_trap ();
  gboolean fit = rv__state_get_fits (state, fits, N_FITS, &of_fits);
  if (fit == (of_fits != NULL))
    __builtin_trap ();
  for (int i = 0; fit && i < N_FITS; i++)
    if (fits[i].tile_px < 0 || (fits[i].compact != 0 && fits[i].compact != 1))
      __builtin_trap ();
  if (rv__state_get_count (state, "done", 100, &count, &of_count) && (count < 0 || count > 100))
    __builtin_trap ();
  if (rv__state_get_tensor (state, "fits", RV_F32, &shape, &of_tensor) || !of_tensor)
    __builtin_trap ();
  rv__state_get_kernels (state, kernels);
  return 0;
}
