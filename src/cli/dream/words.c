/* words.c -- reverie dream --list-looks, --list-layers, --list-words and --what. */
#include "cmd-dream.h"
#include <stdio.h>

#define IMAGENET_WORDS 1000 /* number of words of networks that have groups */
#define WHAT_WORDS 5
#define WHAT_BAR 30 /* characters */

int
dream_list (DreamRun *run, GError **error)
{
  gboolean lists_looks = line_is_on (run->line, "list-looks"), lists_layers = line_is_on (run->line, "list-layers");
  const char *network = picture_network_name (&run->picture, "builtin", &run->net, error);
  const char *const *presets = rv_settings_presets ("dream"), *const *looks = rv_option_choices (
                                                                rv_settings_find_option ("dream", "look"));
  if (!network)
    return EXIT_FAILED;
  const char *const *layers = rv_net_layers (network);
  for (int i = 0; lists_looks && presets[i]; i++) {
    g_autofree char *summary = options_as_typed (rv_settings_preset_summary ("dream", presets[i]));
    printf ("--preset %-16s %s\n", presets[i], summary);
  }
  for (int i = 0; lists_looks && looks[i]; i++)
    printf ("--look %-18s %s\n", looks[i], rv_dream_look_layers (looks[i], network));
  for (int i = 0; lists_layers && layers[i]; i++)
    printf ("%s\n", layers[i]);
  return EXIT_DONE;
}

int
dream_list_words (DreamRun *run, GError **error)
{
  picture_set_default_network (&run->picture, "builtin");
  run->net = picture_load_net (&run->picture, error);
  if (!run->net)
    return EXIT_FAILED;
  const char *const *words = rv_net_class_names (run->net);
  if (!words)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--list-words: the network %s has no words",
                 rv_net_name (run->net));
  for (int i = 0; words && words[i]; i++)
    text_print (stdout, "%s", words[i]);
  gboolean has_groups = words && g_strv_length ((char **) words) == IMAGENET_WORDS;
  for (int i = 0; has_groups && rv_dream_groups ()[i]; i++)
    printf ("%s\n", rv_dream_groups ()[i]);
  return words ? EXIT_DONE : EXIT_FAILED;
}

int
dream_print_classes (const DreamRun *run, GError **error)
{
  RvImageInfo info;
  RvClassScore words[WHAT_WORDS];
  int width, height, threads = (int) rv_settings_get_int (run->settings, "threads", NULL);
  const char *file = run->line->args[0];
  if (!rv_image_probe (file, &info, error))
    return EXIT_FAILED;
  rv_picture_size (run->picture.asked, info.width, info.height, &width, &height);
  g_autoptr (RvImage) image = rv_image_load (file, width, height, error);
  if (!image || !rv_net_classify (run->net, image, threads, NULL, words, WHAT_WORDS, error))
    return EXIT_FAILED;
  for (int i = 0; i < WHAT_WORDS; i++) {
    int bar = (int) (words[i].probability_01 * WHAT_BAR + 0.5);
    text_print (stdout, "%5.1f %%  %-30.*s %s", 100 * words[i].probability_01, bar, "##############################",
                words[i].word);
  }
  return EXIT_DONE;
}
