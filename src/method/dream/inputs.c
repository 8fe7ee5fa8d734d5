/* inputs.c -- sets the inputs of a dream besides its picture. */
#include "method/dream/inputs.h"

void
rv__dream_inputs_clear (RvDreamInputs *beside)
{
  rv_image_unref (beside->mask);
  rv_image_unref (beside->guide);
  rv_image_unref (beside->style);
  g_clear_pointer (&beside->places, g_ptr_array_unref);
  g_clear_pointer (&beside->names, g_ptr_array_unref);
}

gboolean
rv__dream_inputs_set (const RvDreamInputs *beside, RvDream *dream, GError **error)
{
  if (beside->mask)
    rv__dream_set_mask (dream, beside->mask);
  for (guint i = 0; beside->places && i < beside->places->len; i++)
    if (!rv__dream_set_word_mask (dream, beside->names->pdata[i], beside->places->pdata[i], error))
      return FALSE;
  return (!beside->guide || rv__dream_set_guide (dream, beside->guide, error)) &&
         (!beside->style || rv__dream_set_style (dream, beside->style, beside->style_weight, error));
}
