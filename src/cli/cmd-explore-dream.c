/* cmd-explore-dream.c -- the cells of reverie explore dream: the same picture, another layer, other octaves. */
#include "explore.h"
#include <string.h>

#define N_LAYERS 5 /* across, spread over the network's depth */

/* Of the layers that are dreamt on, some from the first to the last. */
static char *
layers_across (const char *network)
{
  const char *const *all = rv_net_layers (network);
  g_autoptr (GPtrArray) layers = g_ptr_array_new ();
  GString *text = g_string_new ("layers=");
  for (int i = 0; all[i]; i++)
    if (!strstr (all[i], "pool") && strcmp (all[i], "class") != 0)
      g_ptr_array_add (layers, (gpointer) all[i]);
  guint n = MIN (N_LAYERS, layers->len);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i ? "," : "", (char *) layers->pdata[(i + 1) * layers->len / n - 1]);
  return g_string_free (text, FALSE);
}

static gboolean
prepare (Explore *explore, gpointer *data, GError **error)
{
  return TRUE;
}

static gboolean
go_on (const RvDreamProgress *progress, gpointer data)
{
  Explore *explore = data;
  explore->stopped = interrupt_wanted () && progress->done_01 < 1;
  return !explore->stopped;
}

static gpointer
new_settings (const char *preset, GError **error)
{
  return rv_dream_settings_new (preset, error);
}

static void
free_settings (gpointer settings)
{
  rv_dream_settings_free (settings);
}

static RvImage *
paint (Explore *explore, gpointer data, gpointer settings, GError **error)
{
  RvImage *result = NULL;
  g_autoptr (RvDream) dream = rv_dream_new (settings, explore->net, explore->content, error);
  if (!dream)
    return NULL;
  rv_dream_set_kernels (dream, explore->kernels);
  rv_dream_run (dream, go_on, explore, &result, error);
  return result;
}

static void
finish (gpointer data)
{
}

const ExploreKind explore_dream = {
  .command = "dream",
  .usage = "dream PICTURE",
  .n_pictures = 1,
  .role = "picture",
  .preset = "test",
  .settings = rv_dream_options,
  .new_settings = new_settings,
  .free_settings = free_settings,
  .default_across = layers_across,
  .down = "octaves=1,2,3,4",
  .prepare = prepare,
  .paint = paint,
  .finish = finish,
};

static int
cmd_explore_dream (int n_args, char **args, GPtrArray *given)
{
  return explore_run (&explore_dream, n_args, args, given);
}

static const RvOption *const tables[] = { explore_options, picture_options, rv_dream_options, NULL };
static const char *const examples[] = { NULL };

const Command command_explore_dream = {
  .name = "explore-dream",
  .summary = "try settings of dreams side by side; as 'reverie explore dream'",
  .usage = "PICTURE -o SHEET [OPTIONS]",
  .about = "What 'reverie explore dream' stands for.",
  .hidden = TRUE,
  .examples = examples,
  .options = tables,
  .run = cmd_explore_dream,
};
