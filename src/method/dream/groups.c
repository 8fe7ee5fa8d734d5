/* groups.c -- groups of words for --toward, for networks with ImageNet's thousand classes in the usual order. */
#include "method/dream/dream-internal.h"

#define N_WORDS 1000
#define MAX_RANGES 32

typedef struct {
  const char *name;
  struct {
    int first, last; /* range of classes, inclusive; 0, 0: the end */
  } ranges[MAX_RANGES];
} Group;

static const Group groups[] = {
  { "birds", { { 7, 24 }, { 80, 100 }, { 127, 146 } } },
  { "dogs", { { 151, 268 } } },
  { "fish", { { 0, 6 }, { 389, 397 } } },
  { "insects", { { 300, 326 } } },
  { "buildings",
    { { 425, 425 },     /* barn */
      { 442, 442 },     /* bell cote */
      { 449, 449 },     /* boathouse */
      { 476, 476 },     /* carousel */
      { 483, 483 },     /* castle */
      { 497, 497 },     /* church */
      { 538, 538 },     /* dome */
      { 562, 562 },     /* fountain */
      { 663, 663 },     /* monastery */
      { 668, 668 },     /* mosque */
      { 682, 682 },     /* obelisk */
      { 698, 698 },     /* palace */
      { 832, 832 },     /* stupa */
      { 873, 873 } } }, /* triumphal arch */
  { "colorful",
    { { 1, 1 },         /* goldfish */
      { 7, 7 },         /* cock */
      { 11, 11 },       /* goldfinch */
      { 14, 14 },       /* indigo bunting */
      { 17, 17 },       /* jay */
      { 31, 31 },       /* tree frog */
      { 46, 47 },       /* green lizard, African chameleon */
      { 84, 84 },       /* peacock */
      { 88, 88 },       /* macaw */
      { 90, 90 },       /* lorikeet */
      { 92, 92 },       /* bee eater */
      { 94, 94 },       /* hummingbird */
      { 96, 96 },       /* toucan */
      { 107, 108 },     /* jellyfish, sea anemone */
      { 130, 130 },     /* flamingo */
      { 157, 157 },     /* papillon */
      { 207, 207 },     /* golden retriever */
      { 213, 213 },     /* Irish setter */
      { 260, 260 },     /* chow */
      { 263, 263 },     /* Pembroke */
      { 277, 277 },     /* red fox */
      { 292, 292 },     /* tiger */
      { 301, 301 },     /* ladybug */
      { 319, 319 },     /* dragonfly */
      { 321, 321 },     /* admiral */
      { 323, 323 },     /* monarch */
      { 325, 326 },     /* sulphur butterfly, lycaenid */
      { 387, 387 },     /* lesser panda */
      { 392, 393 },     /* rock beauty, anemone fish */
      { 396, 396 } } }, /* lionfish */
};

const char *const *
rv_dream_groups (void)
{
  static const char *const names[] = { "birds", "dogs", "fish", "insects", "buildings", "colorful", NULL };
  return names;
}

gboolean
rv__dream_has_groups (guint n_words)
{
  return n_words == N_WORDS;
}

gboolean
rv__dream_add_group (RvTerm *term, const char *name, double weight, int group, guint n_words)
{
  for (guint g = 0; g < G_N_ELEMENTS (groups) && rv__dream_has_groups (n_words); g++) {
    if (g_ascii_strcasecmp (groups[g].name, name) != 0)
      continue;
    for (int r = 0; r < MAX_RANGES && (r == 0 || groups[g].ranges[r].last > 0); r++)
      for (int i = groups[g].ranges[r].first; i <= groups[g].ranges[r].last; i++) {
        term->channel_weights[i] += weight;
        term->channel_groups[i] = group;
      }
    return TRUE;
  }
  return FALSE;
}
