/* balance.c -- balances layers: the gradient of one layer may be a hundred times that of another.
 *
 *   w <- w / rms (gradient of only this layer, with weight 1), at the beginning of the octave */
#include "method/dream/dream-internal.h"

/* Weight of the octave's term in the dream's list. */
static double
own_weight (const RvDream *dream, const RvTerm *term)
{
  for (guint i = 0; i < dream->terms->len; i++)
    /* compares pointers: both terms have the same text */
    if (g_array_index (dream->terms, RvTerm, i).layer == term->layer)
      return g_array_index (dream->terms, RvTerm, i).weight;
  return term->weight;
}

void
rv__dream_set_term_weights (const RvDreamRun *run)
{
  for (guint i = 0; i < run->at->terms->len; i++) {
    RvTerm *term = &g_array_index (run->at->terms, RvTerm, i);
    term->weight = run->balance ? run->balance[i] : own_weight (run->dream, term);
  }
}

gboolean
rv__dream_compute_balance (const RvDreamRun *run, double *balance, GError **error)
{
  const RvDreamOctave *octave = run->at;
  GArray *terms = octave->terms;
  double loss;
  for (guint i = 0; i < terms->len; i++) {
    for (guint k = 0; k < terms->len; k++)
      g_array_index (terms, RvTerm, k).weight = k == i;
    if (!rv__dream_gradient (run, run->engines.dream, -1, run->at->grad, &loss, error))
      return FALSE;
    double size = rv__dream_rms (run->at->grad, octave->width, octave->height, RV_DREAM_BLOCK_ROWS);
    balance[i] = own_weight (run->dream, &g_array_index (terms, RvTerm, i)) / (size > 0 ? size : 1);
  }
  return TRUE;
}
