/* front-3.c -- the plug-in for GIMP 3.0: each option is a named argument, and GIMP makes their widgets. */
#include "config.h"
#include "groups.h"
#include "pixels.h"
#include "watch.h"
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <string.h>

/* ---- arguments --------------------------------------------------------------------------------------------------- */

static void
add_choice (GimpProcedure *to, const RvOption *option, const char *tip)
{
  const char *const *names = rv_option_choices (option);
  const char *def = rv_option_default (option);
  GimpChoice *choice = gimp_choice_new ();
  if (!def)
    gimp_choice_add (choice, CONFIG_LEFT_TO_METHOD, -1, CONFIG_LEFT_TO_METHOD, NULL);
  for (int i = 0; names[i]; i++)
    gimp_choice_add (choice, names[i], i, names[i], NULL);
  gimp_procedure_add_choice_argument (to, rv_option_name (option), rv_option_name (option), tip, choice,
                                      def ? def : CONFIG_LEFT_TO_METHOD, G_PARAM_READWRITE);
}

/* Adds an argument for @option to @to. GIMP's integers have 32 bits: a larger maximum is lowered. */
static void
add_option (GimpProcedure *to, const RvOption *option)
{
  g_autofree char *tip = core_option_text (option);
  const char *name = rv_option_name (option), *def = rv_option_default (option);
  RvOptionType type = rv_option_type (option);
  double min = 0, max = 0, number = core_option_number (option, &min, &max);
  if (type == RV_OPTION_CHOICE)
    add_choice (to, option, tip);
  else if (type == RV_OPTION_BOOL)
    gimp_procedure_add_boolean_argument (to, name, name, tip, g_strcmp0 (def, "yes") == 0, G_PARAM_READWRITE);
  else if (type == RV_OPTION_TEXT)
    gimp_procedure_add_string_argument (to, name, name, tip, def ? def : "", G_PARAM_READWRITE);
  else if (type == RV_OPTION_INT)
    gimp_procedure_add_int_argument (to, name, name, tip, (int) min, (int) MIN (max, G_MAXINT), (int) number,
                                     G_PARAM_READWRITE);
  else
    gimp_procedure_add_double_argument (to, name, name, tip, min, max, number, G_PARAM_READWRITE);
}

static void
add_arguments (GimpProcedure *to, const Procedure *procedure)
{
  const RvOption *option;
  gimp_procedure_add_file_argument (to, procedure->other, procedure->other, procedure->tip,
                                    GIMP_FILE_CHOOSER_ACTION_OPEN, TRUE, NULL, G_PARAM_READWRITE);
  gimp_procedure_add_image_argument (to, procedure->other_image, "or an open image", procedure->tip, TRUE,
                                     G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (to, "inputs", "more pictures", CORE_INPUTS_HELP, "", G_PARAM_READWRITE);
  for (guint i = 0; (option = core_option (procedure, i)); i++)
    add_option (to, option);
  gimp_procedure_add_string_argument (to, "settings", "settings", CORE_SETTINGS_HELP, "", G_PARAM_READWRITE);
  gimp_procedure_add_layer_return_value (to, "layer", "layer", "the new layer", TRUE, G_PARAM_READWRITE);
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static RvImage *
read_drawable (GimpDrawable *drawable, GError **error)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  return pixels_read (buffer, gimp_drawable_get_format (drawable), error);
}

static RvImage *
read_image (GimpImage *image, GError **error)
{
  GimpLayer *visible = gimp_layer_new_from_visible (image, image, "visible");
  RvImage *picture = read_drawable (GIMP_DRAWABLE (visible), error);
  gimp_item_delete (GIMP_ITEM (visible));
  return picture;
}

/* (nullable): a layer with the result and its recipe; the layer is not yet in the image. NULL with @error. */
static GimpLayer *
new_layer (GimpImage *image, const Request *request, const RvImage *result, const char *recipe, GError **error)
{
  int type = 2 * (int) gimp_image_get_base_type (image) + (result->alpha != NULL); /* RGB, RGBA, grey, grey and alpha */
  g_autofree char *name = core_layer_name (request);
  GimpLayer *layer = gimp_layer_new (image, name, result->width, result->height, type, 100, GIMP_LAYER_MODE_NORMAL);
  GeglBuffer *buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));
  gboolean ok = pixels_write (buffer, gimp_drawable_get_format (GIMP_DRAWABLE (layer)), result, error);
  g_object_unref (buffer); /* flushes the pixels */
  if (!ok) {
    gimp_item_delete (GIMP_ITEM (layer));
    return NULL;
  }
  GimpParasite *parasite = gimp_parasite_new (CORE_RECIPE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                              recipe ? (guint32) strlen (recipe) + 1 : 0, recipe);
  gimp_item_attach_parasite (GIMP_ITEM (layer), parasite);
  gimp_parasite_free (parasite);
  return layer;
}

/* Inserts the layer above @drawable, with the selection as its mask. All changes of the image are one undo step. */
static void
insert_layer (GimpImage *image, GimpDrawable *drawable, GimpLayer *layer, const Request *request)
{
  GimpItem *above = GIMP_IS_LAYER (drawable) ? GIMP_ITEM (drawable) : NULL;
  int x = 0, y = 0;
  if (!request->takes_no_picture && gimp_drawable_get_offsets (drawable, &x, &y))
    gimp_layer_set_offsets (layer, x, y);
  gimp_image_undo_group_start (image);
  gimp_image_insert_layer (image, layer, above ? GIMP_LAYER (gimp_item_get_parent (above)) : NULL,
                           above ? gimp_image_get_item_position (image, above) : -1);
  if (!request->takes_no_picture && !gimp_selection_is_empty (image))
    gimp_layer_add_mask (layer, gimp_layer_create_mask (layer, GIMP_ADD_MASK_SELECTION));
  gimp_image_undo_group_end (image);
  gimp_displays_flush ();
}

static gboolean
read_config (Request *request, GObject *config, gboolean all, GError **error)
{
  g_autoptr (GimpImage) image = NULL;
  g_object_get (config, request->procedure->other_image, &image, NULL);
  request_use_image (request, image ? gimp_image_get_id (image) : -1);
  return config_read (request, config, all, error) &&
         (!image || request->image || (request->image = read_image (image, error)));
}

/* ---- dialog ------------------------------------------------------------------------------------------------------ */

typedef struct {
  Request *request;
  GObject *config;
  GimpProcedureDialog *window;
} Dialog;

static void
on_style (const char *style, gpointer data)
{
  Dialog *dialog = data;
  config_set (dialog->config, dialog->request->procedure->styles, style);
}

static gboolean
read_dialog (Request *request, gpointer data, GError **error)
{
  return read_config (request, ((Dialog *) data)->config, TRUE, error);
}

static void
on_image (GtkWidget *images, gpointer data)
{
  Dialog *dialog = data;
  int id = -1;
  gimp_int_combo_box_get_active (GIMP_INT_COMBO_BOX (images), &id);
  GimpImage *image = id < 0 ? NULL : gimp_image_get_by_id (id);
  g_object_set (dialog->config, dialog->request->procedure->other_image, image, NULL);
}

static GtkWidget *
knob_new (const RvOption *option, gpointer data)
{
  return gimp_procedure_dialog_get_widget (((Dialog *) data)->window, rv_option_name (option), G_TYPE_NONE);
}

/* (transfer floating): pictures, then groups of options with GIMP's widgets. */
static GtkWidget *
form_new (Dialog *dialog)
{
  const Procedure *procedure = dialog->request->procedure;
  GimpProcedureDialog *window = dialog->window;
  GtkWidget *box = groups_box (), *images = gimp_int_combo_box_new ("the file", -1, NULL);
  GtkBox *pictures = groups_add (box, "pictures", TRUE);
  g_autofree GimpImage **open = gimp_get_images (); /* the list of GIMP's own widget has no row for "no image" */
  for (int i = 0; open[i]; i++) {
    g_autofree char *name = gimp_image_get_name (open[i]);
    gimp_int_combo_box_append (GIMP_INT_COMBO_BOX (images), GIMP_INT_STORE_VALUE, gimp_image_get_id (open[i]),
                               GIMP_INT_STORE_LABEL, name, -1);
  }
  gimp_int_combo_box_connect (GIMP_INT_COMBO_BOX (images), -1, G_CALLBACK (on_image), dialog, NULL);
  groups_add_row (pictures, NULL, gimp_procedure_dialog_get_widget (window, procedure->other, G_TYPE_NONE),
                  procedure->tip);
  groups_add_row (pictures, "or an open image", images, procedure->tip);
  groups_add_row (pictures, NULL, gimp_procedure_dialog_get_widget (window, "inputs", G_TYPE_NONE), CORE_INPUTS_HELP);
  groups_add_options (box, procedure, FALSE, knob_new, dialog);
  return box;
}

static gboolean
run_window (GtkDialog *window)
{
  return gimp_procedure_dialog_run (GIMP_PROCEDURE_DIALOG (window));
}

static RvImage *
run_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, Request *request, char **recipe, GError **error)
{
  Dialog dialog = { request, G_OBJECT (config) };
  gimp_ui_init ("reverie");
  dialog.window = GIMP_PROCEDURE_DIALOG (gimp_procedure_dialog_new (procedure, config, NULL));
  Watch *watch = watch_new (GTK_DIALOG (dialog.window), form_new (&dialog), request, read_dialog, on_style, &dialog);
  ConfigWatch changes = { request, watch_changed, watch };
  config_watch (&changes, dialog.config);
  RvImage *result = watch_run (watch, run_window, recipe, error);
  g_signal_handlers_disconnect_by_data (config, &changes);
  return result;
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

/* (nullable): the new layer, inserted. NULL with @error. */
static GimpLayer *
run_procedure (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable *drawable,
               GimpProcedureConfig *config, GError **error)
{
  g_autofree char *recipe = NULL;
  g_autoptr (RvImage) result = NULL;
  g_autoptr (Request) request = request_new (core_procedure (gimp_procedure_get_name (procedure)), error);
  if (!request || !rv_process_start (0, error) || !(request->picture = read_drawable (drawable, error)))
    return NULL;
  if (mode == GIMP_RUN_INTERACTIVE)
    result = run_dialog (procedure, config, request, &recipe, error);
  else if (gimp_progress_init ("Reverie") &&
           read_config (request, G_OBJECT (config), mode == GIMP_RUN_WITH_LAST_VALS, error))
    result = core_run_now (request, gimp_progress_update, &recipe, error);
  GimpLayer *layer = result ? new_layer (image, request, result, recipe, error) : NULL;
  if (layer)
    insert_layer (image, drawable, layer, request);
  return layer;
}

/* Callback of GIMP: runs a procedure on one layer. (transfer full): status, and the layer or the error. */
static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables,
     GimpProcedureConfig *config, gpointer data)
{
  GError *error = NULL;
  gboolean is_one = drawables[0] && !drawables[1];
  GimpLayer *layer = is_one ? run_procedure (procedure, mode, image, drawables[0], config, &error) : NULL;
  if (!is_one)
    g_set_error_literal (&error, RV_ERROR, RV_ERROR_SETTING, "choose one layer, not several");
  GimpPDBStatusType status = !error                      ? GIMP_PDB_SUCCESS
                             : core_is_cancelled (error) ? GIMP_PDB_CANCEL
                                                         : GIMP_PDB_EXECUTION_ERROR;
  GimpValueArray *values = gimp_procedure_new_return_values (procedure, status, error);
  if (!error)
    GIMP_VALUES_SET_LAYER (values, 1, layer);
  return values;
}

/* ---- procedures -------------------------------------------------------------------------------------------------- */

struct _Reverie {
  GimpPlugIn parent;
};
G_DECLARE_FINAL_TYPE (Reverie, reverie, REVERIE, PLUG_IN, GimpPlugIn)
G_DEFINE_TYPE (Reverie, reverie, GIMP_TYPE_PLUG_IN)

static GList *
query_procedures (GimpPlugIn *plug_in)
{
  GList *names = NULL;
  for (const Procedure *procedure = core_procedures; procedure->name; procedure++)
    names = g_list_append (names, g_strdup (procedure->name));
  return names;
}

static GimpProcedure *
create_procedure (GimpPlugIn *plug_in, const char *name)
{
  const Procedure *procedure = core_procedure (name);
  GimpProcedure *to = gimp_image_procedure_new (plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);
  gimp_procedure_set_image_types (to, CORE_IMAGE_TYPES);
  gimp_procedure_set_menu_label (to, procedure->label);
  gimp_procedure_add_menu_path (to, CORE_MENU);
  gimp_procedure_set_documentation (to, procedure->blurb, CORE_HELP, name);
  gimp_procedure_set_attribution (to, "The Reverie authors", "MIT licence", RV_VERSION);
  add_arguments (to, procedure);
  return to;
}

static gboolean
set_i18n (GimpPlugIn *plug_in, const char *name, char **domain, char **folder)
{
  return FALSE;
}

static void
reverie_class_init (ReverieClass *class)
{
  GIMP_PLUG_IN_CLASS (class)->set_i18n = set_i18n;
  GIMP_PLUG_IN_CLASS (class)->query_procedures = query_procedures;
  GIMP_PLUG_IN_CLASS (class)->create_procedure = create_procedure;
}

static void
reverie_init (Reverie *reverie)
{
}

GIMP_MAIN (reverie_get_type ())
