/* flow-file.c -- detects the format of a flow file. */
#include "flow-format.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include "io/folder.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const RvFlowFormat *const formats[] = { &rv__flow_flo, &rv__flow_kitti };

/* Whether @filename ends in @suffix, which is in lower case; any case in @filename. */
static gboolean
has_suffix (const char *filename, const char *suffix)
{
  g_autofree char *lower = g_ascii_strdown (filename, -1);
  return g_str_has_suffix (lower, suffix);
}

gboolean
rv_flow_file_is (const char *filename)
{
  return has_suffix (filename, rv__flow_flo.suffix);
}

/* (nullable): format of flow files for the suffix of @filename. Static. NULL: RV_ERROR_SETTING, another suffix. */
static const RvFlowFormat *
format_of (const char *filename, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (has_suffix (filename, formats[i]->suffix))
      return formats[i];
  return rv__error_null (error, RV_ERROR_SETTING, "%s: unknown suffix of a flow; use .flo or .png", filename);
}

gboolean
rv_flow_file_check_target (const char *filename, GError **error)
{
  return format_of (filename, error) && rv__atomic_file_check (filename, error);
}

RvTensor *
rv_flow_file_load (const char *filename, GError **error)
{
  char begin[4] = { 0 };
  if (!rv__file_check_kind (filename, error))
    return NULL;
  FILE *file = fopen (filename, "rbe");
  if (!file)
    return rv__error_null (error, RV_ERROR_FILE, "cannot open %s: %s", filename, g_strerror (errno));
  gsize n = fread (begin, 1, sizeof begin, file);
  fclose (file);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (n == sizeof begin && memcmp (begin, formats[i]->begin, sizeof begin) == 0)
      return formats[i]->load (filename, error);
  return rv__error_null (error, RV_ERROR_FORMAT, "%s is not an optical flow: neither a .flo nor KITTI's .png",
                         filename);
}

gboolean
rv_flow_file_save (const RvTensor *flow, const char *filename, gboolean replace, GError **error)
{
  if (flow->type != RV_F32 || flow->shape.n != 4 || flow->shape.dim[0] != 1 || flow->shape.dim[1] != 2 ||
      flow->shape.dim[2] < 1 || flow->shape.dim[3] < 1 ||
      MAX (flow->shape.dim[2], flow->shape.dim[3]) > RV_FLOW_MAX_SIDE) {
    g_autofree char *shape = rv_shape_text (&flow->shape);
    return rv__error_set (error, flow->type == RV_F32 ? RV_ERROR_SHAPE : RV_ERROR_TYPE,
                          "a flow is f32 [1, 2, height, width] of at most %d px a side, not %s %s", RV_FLOW_MAX_SIDE,
                          rv_type_name (flow->type), shape);
  }
  const RvFlowFormat *format = format_of (filename, error);
  return format && format->save (flow, filename, replace, error);
}
