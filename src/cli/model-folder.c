/* model-folder.c -- where networks are kept: our own folder, Keras' and PyTorch's; and what to do where one is not. */
#include "cli.h"
#include "base/text.h"
#include <unistd.h>

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

/* PyTorch in $TORCH_HOME/hub/checkpoints, $XDG_CACHE_HOME/torch unless set. */
static char *
torch_folder (void)
{
  const char *set = g_getenv ("TORCH_HOME");
  return set && *set ? g_build_filename (set, "hub", "checkpoints", NULL)
                     : g_build_filename (g_get_user_cache_dir (), "torch", "hub", "checkpoints", NULL);
}

static char *
existing (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

char *
model_find (const char *network)
{
  g_autofree char *own_name = g_strconcat (network, ".safetensors", NULL);
  g_autofree char *own = model_folder (), *keras = keras_folder (), *torch = torch_folder ();
  const char *folders[] = { own, keras, torch };
  const char *const *files = rv_net_files (network);
  char *path = existing (own, own_name);
  for (int i = 0; !path && files[i]; i++)
    for (guint f = 0; !path && f < G_N_ELEMENTS (folders); f++)
      path = existing (folders[f], files[i]);
  g_autoptr (RvSource) source = path ? NULL : rv_source_new (network, NULL);
  return source ? existing (own, source->file) : path; /* a table of the user's may call it otherwise */
}

gboolean
model_is_offline (gboolean asked)
{
  const char *set = g_getenv ("REVERIE_OFFLINE");
  return asked || (set && *set && g_strcmp0 (set, "0") != 0);
}

/* ---- a network that is not here ---------------------------------------------------------------------------------- */

/* "vgg19 is not here; download it? 80 MB, CC BY 4.0 [Y/n]" */
static gboolean
ask (const RvSource *source)
{
  g_autofree char *size = rv__text_megabytes ((gsize) source->bytes);
  char answer[16] = "";
  fprintf (stderr, "%s is not here. Download it? %s, licence %s [Y/n] ", source->network, size, source->license);
  fflush (stderr);
  if (!fgets (answer, sizeof answer, stdin))
    return FALSE;
  return answer[0] == '\n' || g_ascii_tolower (answer[0]) == 'y';
}

/* What to do, in one line. */
static void
set_not_here (const char *network, const RvSource *source, gboolean offline, GError **error)
{
  g_autofree char *own = model_folder ();
  const char *const *files = rv_net_files (network);
  g_autofree char *own_name = g_strconcat (network, ".safetensors", NULL);
  g_autofree char *size = source ? rv__text_megabytes ((gsize) source->bytes) : NULL;
  if (source && !offline)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE,
                 "the weights of %s are not here: 'reverie model get %s' downloads them (%s, licence %s)", network,
                 network, size, source->license);
  else
    g_set_error (error, RV_ERROR, RV_ERROR_FILE,
                 "the weights of %s are not here%s: put %s into %s, or name a file with --weights", network,
                 offline ? ", and this is offline" : "", files[0] ? files[0] : own_name, own);
}

char *
model_find_or_ask (const char *network, gboolean offline, gboolean quiet, GError **error)
{
  char *path = model_find (network);
  if (path)
    return path;
  g_autoptr (GError) no_source = NULL;
  g_autoptr (RvSource) source = rv_source_new (network, &no_source);
  offline = model_is_offline (offline);
  if (no_source && !g_error_matches (no_source, RV_ERROR, RV_ERROR_SETTING)) { /* a table that is damaged */
    g_propagate_error (error, g_steal_pointer (&no_source));
    return NULL;
  }
  if (source && !offline && isatty (STDIN_FILENO) && isatty (STDERR_FILENO) && ask (source))
    return model_download (source, quiet, error);
  set_not_here (network, source, offline, error);
  return NULL;
}
