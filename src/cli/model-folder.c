/* model-folder.c -- where networks are kept: our own folder, and Keras'. */
#include "cli.h"

char *
model_folder (void)
{
  const char *set = g_getenv ("REVERIE_MODELS");
  return set && *set ? g_strdup (set) : g_build_filename (g_get_user_data_dir (), "reverie", "models", NULL);
}

/* Keras keeps what it downloads in $KERAS_HOME/models, ~/.keras/models unless set. */
static char *
keras_folder (void)
{
  const char *set = g_getenv ("KERAS_HOME");
  return set && *set ? g_build_filename (set, "models", NULL)
                     : g_build_filename (g_get_home_dir (), ".keras", "models", NULL);
}

static char *
existing (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

char *
model_find (const char *network, GError **error)
{
  g_autofree char *own_name = g_strconcat (network, ".safetensors", NULL);
  g_autofree char *own = model_folder (), *keras = keras_folder (), *path = existing (own, own_name);
  const char *const *files = rv_net_files (network);
  const char *folders[] = { own, keras };

  for (guint f = 0; f < G_N_ELEMENTS (folders); f++)
    for (int i = 0; !path && files[i]; i++)
      path = existing (folders[f], files[i]);
  if (path)
    return g_steal_pointer (&path);
  g_set_error (error, RV_ERROR, RV_ERROR_FILE,
               "the weights of %s are not here: put %s into %s or %s, or name a file with --weights", network,
               files[0] ? files[0] : own_name, own, keras);
  return NULL;
}
