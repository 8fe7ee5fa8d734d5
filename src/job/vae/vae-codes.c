/* vae-codes.c -- latent vectors from a file: a CSV or safetensors. */
#include "job/vae/vae-codes.h"
#include "base/error.h"
#include "base/text.h"
#include <float.h>
#include <math.h>
#include <reverie/weights.h>

/* (transfer full) (nullable): latent vectors of a CSV, f32 [n, latent]. After a heading "index,..." a row has 2 + 2 *
 * @latent cells, the means from the third on; else @latent numbers. RV_ERROR_FORMAT without rows, and for a wrong row,
 * naming its line. */
static RvTensor *
read_csv (const char *file, gint64 latent, GError **error)
{
  g_autofree char *text = rv__text_read (file, error);
  if (!text)
    return NULL;
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  gboolean header = lines[0] && g_str_has_prefix (lines[0], "index,");
  gint64 n = (gint64) g_strv_length (lines) - header, skip = header ? 2 : 0;
  if (n < 1)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s has no codes", file);
  RvShape shape = rv_shape (2, n, latent);
  g_autoptr (RvTensor) codes = rv_tensor_new (RV_F32, &shape, error);
  for (gint64 i = 0; codes && i < n; i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i + header], ",", -1);
    gint64 n_cells = (gint64) g_strv_length (cells), n_expected = header ? 2 + 2 * latent : latent;
    for (gint64 j = 0; j < latent; j++) {
      char *end = n_cells == n_expected ? NULL : (char *) "x";
      double value = n_cells == n_expected ? g_ascii_strtod (cells[skip + j], &end) : 0;
      if ((*end && *end != '\r') || end == cells[skip + j] || !(fabs (value) <= FLT_MAX))
        return rv__error_null (error, RV_ERROR_FORMAT,
                               "%s: line %" G_GINT64_FORMAT " is no row of %" G_GINT64_FORMAT " number%s", file,
                               i + header + 1, latent, latent == 1 ? "" : "s");
      ((float *) codes->data)[i * latent + j] = (float) value;
    }
  }
  return g_steal_pointer (&codes);
}

RvTensor *
rv__vae_codes_load (const char *file, gint64 latent, GError **error)
{
  if (!g_str_has_suffix (file, ".safetensors"))
    return read_csv (file, latent, error);
  g_autoptr (RvTensorMap) map = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, error);
  const RvTensor *mu = map ? rv_tensor_map_get (map, "mu") : NULL;
  if (!map)
    return NULL;
  if (!mu || mu->shape.n != 2 || mu->shape.dim[1] != latent || mu->shape.dim[0] < 1)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s has no codes 'mu' of %" G_GINT64_FORMAT " number%s each", file,
                           latent, latent == 1 ? "" : "s");
  g_autoptr (RvTensor) codes = rv_tensor_to_f32 (mu, error);
  for (gint64 i = 0; codes && i < rv_tensor_count (codes); i++)
    if (!isfinite (((const float *) codes->data)[i]))
      return rv__error_null (error, RV_ERROR_FORMAT, "%s: code %" G_GINT64_FORMAT " is not finite", file,
                             i / latent + 1);
  return g_steal_pointer (&codes);
}
