/* cmd-explore-dream.c -- the cells of reverie explore dream: the same picture, another look, other octaves. */
#include "explore.h"

/* The looks that fill a picture. */
static char *
looks_across (const char *network)
{
  return g_strdup ("look=animals,heads,eyes,things");
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

static RvImage *
paint (Explore *explore, gpointer data, const RvSettings *settings, GError **error)
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
  .preset = "classic",
  .default_across = looks_across,
  .name = "smallest", /* cells are small, and all their octaves are to be seen */
  .value = "32",
  .down = "octaves=1,3,5",
  .prepare = prepare,
  .paint = paint,
  .finish = finish,
};

static int
cmd_explore_dream (int n_args, char **args, GPtrArray *given)
{
  return explore_run (&explore_dream, n_args, args, given);
}

static const OptionTable tables[] = {
  { explore_options }, { .kind = "picture" }, { picture_options }, { .kind = "dream" }, { NULL }
};
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
