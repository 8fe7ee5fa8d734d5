/* cmd-model.c -- reverie model: what is known about networks and their files. */
#include "cli.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

#define SHAPES_AT_PX 224 /* the layers' shapes are shown for a square picture of this side */

/* "20,024,384". */
static char *
with_commas (gint64 number)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  GString *text = g_string_new (NULL);
  gsize length = strlen (digits);
  for (gsize i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0)
      g_string_append_c (text, ',');
    g_string_append_c (text, digits[i]);
  }
  return g_string_free (text, FALSE);
}

/* What the network is given: "bgr_0_255 minus ..." for people. */
static void
print_input (const char *input)
{
  g_autofree char *channels = g_ascii_strup (input, 3);
  gboolean to_1 = strstr (input, "_0_1 ") != NULL;
  const char *rest = strchr (input, ' ');
  printf ("input        %s 0..%s%s\n", channels, to_1 ? "1" : "255", rest ? rest : "");
}

static void
print_layers (const char *network)
{
  g_autoptr (GArray) layers = rv_net_describe (network, SHAPES_AT_PX, SHAPES_AT_PX);
  gint64 total = 0;
  for (guint i = 0; i < layers->len; i++)
    total += g_array_index (layers, RvLayer, i).n_parameters;
  g_autofree char *all = with_commas (total);
  printf ("parameters   %s\n\n", all);
  g_autofree char *at = g_strdup_printf ("at %d x %d px", SHAPES_AT_PX, SHAPES_AT_PX);
  printf ("%-18s %-18s %-8s %-7s %12s\n", "layer", at, "window", "stride", "parameters");
  for (guint i = 0; i < layers->len; i++) {
    const RvLayer *layer = &g_array_index (layers, RvLayer, i);
    g_autofree char *shape = g_strdup_printf ("%" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT,
                                              layer->channels, layer->height, layer->width);
    g_autofree char *window = g_strdup_printf ("%d x %d", layer->window, layer->window);
    g_autofree char *parameters = with_commas (layer->n_parameters);
    printf ("%-18s %-18s %-8s %-7d %12s\n", layer->name, shape, window, layer->stride, parameters);
  }
  printf ("\nA layer's name means its output after ReLU, NAME:pre the one before.\n");
}

static void
print_network (const RvNet *net)
{
  printf ("network      %s\n             %s\nsource       %s\npublished by %s\n", rv_net_name (net),
          rv_net_summary (net), rv_net_source (net), rv_net_form (net));
  print_input (rv_net_input (net));
  print_layers (rv_net_name (net));
}

/* What a file of no network that is known holds. */
static void
print_tensors (const RvTensorMap *map)
{
  printf ("network      none that is known here\ntensors      %u\n\n", rv_tensor_map_size (map));
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const char *name = rv_tensor_map_name (map, i);
    const RvTensor *tensor = rv_tensor_map_get (map, name);
    g_autofree char *shape = rv_shape_text (&tensor->shape);
    printf ("%-40s %-4s %s\n", name, rv_type_name (tensor->type), shape);
  }
}

static int
info_file (const char *file)
{
  GError *error = NULL;
  g_autofree char *folder = model_folder ();
  g_autoptr (RvTensorMap) map = rv_weights_load (file, RV_WEIGHTS_ALL, folder, &error);
  if (!map)
    return run_error (error);
  g_autoptr (RvNet) net = rv_net_new (NULL, map, &error);
  const char *license = rv_tensor_map_get_text (map, "license");
  printf ("file         %s\n", file);
  if (license)
    printf ("license      %s\n", license);
  if (net)
    print_network (net);
  else
    print_tensors (map);
  g_clear_error (&error);
  return EXIT_DONE;
}

static int
info_name (const char *name)
{
  GError *error = NULL;
  g_autofree char *file = strcmp (name, "builtin") == 0 ? NULL : model_find (name, NULL);
  if (file)
    return info_file (file);
  g_autoptr (RvNet) builtin = strcmp (name, "builtin") == 0 ? rv_net_new_builtin (&error) : NULL;
  if (error)
    return run_error (error);
  if (builtin) {
    print_network (builtin);
    return EXIT_DONE;
  }
  printf ("network      %s\nfile         not here\n", name);
  print_layers (name);
  return EXIT_DONE;
}

static int
cmd_model (int n_args, char **args, GPtrArray *given)
{
  GError *error = NULL;
  if (n_args != 2 || strcmp (args[0], "info") != 0) {
    g_set_error (&error, RV_ERROR, RV_ERROR_SETTING, "%s: reverie model info NAME|FILE",
                 n_args > 0 && strcmp (args[0], "info") != 0 ? "there is no such subcommand" : "of which network");
    return usage_error (error);
  }
  if (g_strv_contains (rv_net_names (), args[1]))
    return info_name (args[1]);
  const char *nearest = rv__text_nearest (args[1], rv_net_names ());
  if (!nearest || g_file_test (args[1], G_FILE_TEST_EXISTS))
    return info_file (args[1]);
  g_set_error (&error, RV_ERROR, RV_ERROR_SETTING, "there is no network or file '%s'; did you mean '%s'?", args[1],
               nearest);
  return usage_error (error);
}

static const RvOption *const tables[] = { NULL };

static const char *const examples[] = {
  "reverie model info vgg19",
  "layers, shapes, parameters, and what the network is given",
  "reverie model info vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
  "the same of a file: whose names it uses and so which pre-processing it wants",
  NULL,
};

const Command command_model = {
  .name = "model",
  .summary = "what is in a network or a weights file",
  .usage = "info NAME|FILE",
  .about =
    "Prints a network's layers, their shapes and parameters, and the pre-processing that its file decides. FILE is "
    "safetensors, or Keras HDF5: .h5, .weights.h5 or .keras. Networks are kept in $REVERIE_MODELS or "
    "~/.local/share/reverie/models, and looked for in ~/.keras/models as well.",
  .examples = examples,
  .options = tables,
  .run = cmd_model,
};
