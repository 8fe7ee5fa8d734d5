/* word-masks.h -- masks of words: "birds:sky.png". Layer 6 (method). */
#pragma once

/* Start of the mask's name in @text, "WORD[:WEIGHT][:MASK]"; NULL: it has none. Borrowed from @text. Cannot fail. */
const char *rv__word_masks_name (const char *text);
