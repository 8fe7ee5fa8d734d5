/* kinds.c -- table of all kinds of jobs. */
#include "job/core/job-object.h"
#include "job/job-list.h"
#include <string.h>

#define X(name, kind) extern const RvJobClass rv__job_##name;
RV_JOB_ROWS (X)
#undef X

static const RvJobClass *const classes[] = {
#define X(name, kind) &rv__job_##name,
  RV_JOB_ROWS (X)
#undef X
    NULL
};

const char *const *
rv_job_kinds (void)
{
#define X(name, kind) kind,
  static const char *const names[] = { RV_JOB_ROWS (X) NULL };
#undef X
  return names;
}

const RvJobClass *
rv__job_find_class (const char *kind)
{
  for (int i = 0; classes[i]; i++)
    if (kind && (strcmp (classes[i]->kind, kind) == 0 || g_strcmp0 (classes[i]->old_kind, kind) == 0))
      return classes[i];
  return NULL;
}

const char *
rv_job_settings_kind (const char *kind, guint i)
{
  const RvJobClass *class = rv__job_find_class (kind);
  if (class && !class->kind_settings && i > 0)
    i++;
  const char *const kinds[] = { class ? class->method : NULL, class ? class->kind_settings : NULL, "picture", "state" };
  return class && i < G_N_ELEMENTS (kinds) ? kinds[i] : NULL;
}

RvJobOutputType
rv_job_output_type (const char *kind)
{
  const RvJobClass *class = rv__job_find_class (kind);
  return !class            ? RV_JOB_OUTPUT_PICTURE
         : class->is_model ? RV_JOB_OUTPUT_MODEL
         : class->video    ? RV_JOB_OUTPUT_VIDEO
                           : RV_JOB_OUTPUT_PICTURE;
}

const char *
rv__job_settings_kind_at (const RvJobClass *class, guint i, int *which)
{
  static const int usual[] = { RV_SETTINGS_KIND, RV_SETTINGS_STATE, RV_SETTINGS_PICTURE, RV_SETTINGS_METHOD },
                   blind[] = { RV_SETTINGS_KIND, RV_SETTINGS_METHOD, RV_SETTINGS_PICTURE, RV_SETTINGS_STATE };
  const char *const kinds[] = { [RV_SETTINGS_METHOD] = class->method,
                                [RV_SETTINGS_PICTURE] = "picture",
                                [RV_SETTINGS_STATE] = "state",
                                [RV_SETTINGS_KIND] = class->kind_settings };
  i += !class->kind_settings;
  if (i >= RV_N_OF_JOB)
    return NULL;
  *which = (class->uses_no_network ? blind : usual)[i];
  return kinds[*which];
}

char *
rv_job_kind_json (const char *kind)
{
  static const char *const makes[] = {
    [RV_JOB_OUTPUT_PICTURE] = "picture", [RV_JOB_OUTPUT_VIDEO] = "video", [RV_JOB_OUTPUT_MODEL] = "model"
  };
  static const char *const takes[2][2] = { { "\"picture\"", "\"file\"" }, /* [is_video][is_file] */
                                           { "\"picture\", \"video\"", "\"video\"" } };
  const RvJobClass *class = rv__job_find_class (kind);
  const char *settings;
  int which;
  if (!class)
    return NULL;
  GString *json = g_string_new (NULL);
  g_string_printf (json, "{\"kind\": \"%s\", \"makes\": \"%s\", \"settings\": [", class->kind,
                   makes[rv_job_output_type (kind)]);
  for (guint i = 0; (settings = rv__job_settings_kind_at (class, i, &which)); i++)
    g_string_append_printf (json, "%s\"%s\"", i ? ", " : "", settings);
  g_string_append (json, "], \"inputs\": [");
  for (const RvJobRole *role = class->roles; role->name; role++) {
    g_string_append_printf (json, "%s{\"name\": \"%s\", \"takes\": [%s], \"needed\": %s, \"many\": %s, ",
                            role == class->roles ? "" : ", ", role->name, takes[!!role->is_video][!!role->is_file],
                            role->needed ? "true" : "false", role->many ? "true" : "false");
    if (role->mask_of)
      g_string_append_printf (json, "\"mask_of\": \"%s\", ", role->mask_of);
    g_string_append_printf (json, "\"may_change\": %s}", role->may_change ? "true" : "false");
  }
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}
