/* inputs.c -- sets the inputs of a dream besides its picture. */
#include "method/dream/inputs.h"

void
rv__dream_inputs_clear (RvDreamInputs *inputs)
{
  g_clear_pointer (&inputs->mask, rv_image_unref);
  g_clear_pointer (&inputs->guide, rv_image_unref);
  g_clear_pointer (&inputs->style, rv_image_unref);
  g_clear_pointer (&inputs->word_masks, g_ptr_array_unref);
  g_clear_pointer (&inputs->names, g_ptr_array_unref);
}

gboolean
rv__dream_inputs_set (const RvDreamInputs *inputs, RvDream *dream, GError **error)
{
  if (inputs->mask)
    rv__dream_set_mask (dream, inputs->mask);
  for (guint i = 0; inputs->word_masks && i < inputs->word_masks->len; i++)
    if (!rv__dream_set_word_mask (dream, inputs->names->pdata[i], inputs->word_masks->pdata[i], error))
      return FALSE;
  return (!inputs->guide || rv__dream_set_guide (dream, inputs->guide, error)) &&
         (!inputs->style || rv__dream_set_style (dream, inputs->style, inputs->style_weight, error));
}
