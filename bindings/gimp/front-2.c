/* front-2.c -- the plug-in for GIMP 2.10. Arguments have no names there, so one argument has all settings as JSON. */
#include "form.h"
#include "pixels.h"
#include "watch.h"
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <string.h>

/* ---- procedures -------------------------------------------------------------------------------------------------- */

enum { RUN_MODE, IMAGE, DRAWABLE, FILE_NAME, OTHER_IMAGE, INPUTS, SETTINGS, N_ARGUMENTS };

/* (transfer full): help with one line for each setting. */
static char *
help_of (const Procedure *procedure)
{
  GString *help = g_string_new (CORE_HELP " Settings:\n");
  const RvOption *option;
  for (guint i = 0; (option = core_option (procedure, i)); i++) {
    g_autofree char *text = core_option_text (option);
    g_string_append_printf (help, "%s: %s\n", rv_option_name (option), text);
  }
  return g_string_free (help, FALSE);
}

/* Registers all procedures with their arguments. */
static void
query (void)
{
  static const GimpParamDef returned[] = { { GIMP_PDB_LAYER, "layer", "the new layer" } };
  for (const Procedure *procedure = core_procedures; procedure->name; procedure++) {
    g_autofree char *help = help_of (procedure);
    const GimpParamDef arguments[N_ARGUMENTS] = {
      [RUN_MODE] = { GIMP_PDB_INT32, "run-mode", "RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1)" },
      [IMAGE] = { GIMP_PDB_IMAGE, "image", "the image" },
      [DRAWABLE] = { GIMP_PDB_DRAWABLE, "drawable", "the layer" },
      [FILE_NAME] = { GIMP_PDB_STRING, (char *) procedure->other, (char *) procedure->tip },
      [OTHER_IMAGE] = { GIMP_PDB_IMAGE, (char *) procedure->other_image, "that picture as an open image; -1: none" },
      [INPUTS] = { GIMP_PDB_STRING, "inputs", CORE_INPUTS_HELP },
      [SETTINGS] = { GIMP_PDB_STRING, "settings", CORE_SETTINGS_HELP },
    };
    gimp_install_procedure (procedure->name, procedure->blurb, help, "The Reverie authors", "MIT licence", RV_VERSION,
                            procedure->label, CORE_IMAGE_TYPES, GIMP_PLUGIN, N_ARGUMENTS, G_N_ELEMENTS (returned),
                            arguments, returned);
    gimp_plugin_menu_register (procedure->name, CORE_MENU);
  }
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static RvImage *
read_drawable (gint32 drawable, GError **error)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  return pixels_read (buffer, gimp_drawable_get_format (drawable), error);
}

static RvImage *
read_image (gint32 image, GError **error)
{
  gint32 visible = gimp_layer_new_from_visible (image, image, "visible");
  RvImage *picture = read_drawable (visible, error);
  gimp_item_delete (visible);
  return picture;
}

/* Adds the result as a layer above @drawable, and returns it; -1 with @error. The layer is complete before the image
 * gets it. All changes of the image are one undo step. */
static gint32
add_layer (gint32 image, gint32 drawable, const Request *request, const RvImage *result, const char *recipe,
           GError **error)
{
  gint32 above = gimp_item_is_layer (drawable) ? drawable : -1;
  int type = 2 * (int) gimp_image_base_type (image) + (result->alpha != NULL); /* RGB, RGBA, grey, grey with alpha */
  g_autofree char *name = core_layer_name (request);
  gint32 layer = gimp_layer_new (image, name, result->width, result->height, type, 100, GIMP_LAYER_MODE_NORMAL);
  GeglBuffer *buffer = gimp_drawable_get_buffer (layer);
  gboolean ok = pixels_write (buffer, gimp_drawable_get_format (layer), result, error);
  int x = 0, y = 0;
  g_object_unref (buffer); /* flushes the pixels */
  if (!ok) {
    gimp_item_delete (layer);
    return -1;
  }
  GimpParasite *parasite = gimp_parasite_new (CORE_RECIPE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                              recipe ? strlen (recipe) + 1 : 0, recipe);
  gimp_item_attach_parasite (layer, parasite);
  gimp_parasite_free (parasite);
  if (!request->takes_no_picture) {
    gimp_drawable_offsets (drawable, &x, &y);
    gimp_layer_set_offsets (layer, x, y);
  }
  gimp_image_undo_group_start (image);
  gimp_image_insert_layer (image, layer, above >= 0 ? gimp_item_get_parent (above) : -1,
                           above >= 0 ? gimp_image_get_item_position (image, above) : -1);
  if (!request->takes_no_picture && !gimp_selection_is_empty (image))
    gimp_layer_add_mask (layer, gimp_layer_create_mask (layer, GIMP_ADD_MASK_SELECTION));
  gimp_image_undo_group_end (image);
  gimp_displays_flush ();
  return layer;
}

/* ---- dialog ------------------------------------------------------------------------------------------------------ */

typedef struct {
  Request *request;
  Form *form;
  Watch *watch;
  GtkWidget *images;
} Dialog;

static gboolean
read_dialog (Request *request, gpointer data, GError **error)
{
  Dialog *dialog = data;
  int image = -1;
  gimp_int_combo_box_get_active (GIMP_INT_COMBO_BOX (dialog->images), &image);
  request_use_image (request, image);
  if (image >= 0 && !request->image && !(request->image = read_image (image, error)))
    return FALSE;
  return form_read (dialog->form, error);
}

static void
on_changed (gpointer data)
{
  watch_changed (((Dialog *) data)->watch);
}

static void
on_image (GtkWidget *images, gpointer data)
{
  on_changed (data);
}

static void
on_style (const char *style, gpointer data)
{
  Dialog *dialog = data;
  form_set (dialog->form, dialog->request->procedure->styles, style);
}

/* A list of the open images. The list of GIMP's own widget has no row for "no image". */
static GtkWidget *
images_new (void)
{
  int n = 0;
  g_autofree int *images = gimp_image_list (&n);
  GtkWidget *list = gimp_int_combo_box_new ("the file", -1, NULL);
  for (int i = 0; i < n; i++) {
    g_autofree char *name = gimp_image_get_name (images[i]);
    gimp_int_combo_box_append (GIMP_INT_COMBO_BOX (list), GIMP_INT_STORE_VALUE, images[i], GIMP_INT_STORE_LABEL, name,
                               -1);
  }
  return list;
}

static GtkWidget *
fill_form (Dialog *dialog)
{
  GtkWidget *box = groups_box ();
  dialog->images = images_new ();
  dialog->form = form_new (box, dialog->request, on_changed, dialog);
  form_add_picture (dialog->form, "or an open image", dialog->images, dialog->request->procedure->tip);
  return box;
}

static gboolean
run_window (GtkDialog *window)
{
  return gimp_dialog_run (GIMP_DIALOG (window)) == GTK_RESPONSE_OK;
}

/* (transfer full) (nullable): the result of the dialog. @recipe: (out) (transfer full). RV_ERROR_CANCELLED. */
static RvImage *
run_dialog (Request *request, char **recipe, GError **error)
{
  Dialog dialog = { request };
  g_autofree char *title = core_title (request->procedure);
  gimp_ui_init ("reverie", TRUE);
  GtkWidget *window = gimp_dialog_new (title, "reverie", NULL, 0, gimp_standard_help_func, NULL, GTK_STOCK_CANCEL,
                                       GTK_RESPONSE_CANCEL, GTK_STOCK_OK, GTK_RESPONSE_OK, NULL);
  gimp_window_set_transient (GTK_WINDOW (window));
  dialog.watch = watch_new (GTK_DIALOG (window), fill_form (&dialog), request, read_dialog, on_style, &dialog);
  gimp_int_combo_box_connect (GIMP_INT_COMBO_BOX (dialog.images), -1, G_CALLBACK (on_image), &dialog);
  gtk_widget_show (window);
  RvImage *result = watch_run (dialog.watch, run_window, recipe, error);
  form_free (dialog.form);
  return result;
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

static gboolean
read_arguments (Request *request, const GimpParam *arguments, GError **error)
{
  gint32 image = arguments[OTHER_IMAGE].data.d_image;
  const char *file = arguments[FILE_NAME].data.d_string;
  request->file = file && *file ? g_strdup (file) : NULL;
  request->inputs = g_strdup (arguments[INPUTS].data.d_string);
  return request_set_json (request, arguments[SETTINGS].data.d_string, error) &&
         (image < 0 || (request->image = read_image (image, error)));
}

/* Restores the last request in this session of GIMP. */
static void
restore_last_request (Request *request)
{
  const char *name = request->procedure->name;
  int length = gimp_get_data_size (name);
  g_autofree char *text = g_malloc0 ((gsize) MAX (length, 0) + 1);
  if (length > 0 && gimp_get_data (name, text))
    request_restore (request, text);
}

static void
save_request (const Request *request)
{
  g_autofree char *text = request_to_text (request);
  gimp_set_data (request->procedure->name, text, (guint32) strlen (text));
}

/* Reads the arguments or the dialog, paints, and returns the new layer; -1 with @error. */
static gint32
run_procedure (const Procedure *procedure, const GimpParam *arguments, GError **error)
{
  GimpRunMode mode = arguments[RUN_MODE].data.d_int32;
  gint32 drawable = arguments[DRAWABLE].data.d_drawable;
  g_autofree char *recipe = NULL;
  g_autoptr (RvImage) result = NULL;
  g_autoptr (Request) request = request_new (procedure, error);
  if (!request || !rv_process_start (0, error) || !(request->picture = read_drawable (drawable, error)))
    return -1;
  if (mode != GIMP_RUN_NONINTERACTIVE)
    restore_last_request (request);
  else if (!read_arguments (request, arguments, error))
    return -1;
  if (mode == GIMP_RUN_INTERACTIVE)
    result = run_dialog (request, &recipe, error);
  else if (gimp_progress_init ("Reverie"))
    result = core_run_now (request, gimp_progress_update, &recipe, error);
  if (mode != GIMP_RUN_NONINTERACTIVE && result)
    save_request (request);
  return result ? add_layer (arguments[IMAGE].data.d_image, drawable, request, result, recipe, error) : -1;
}

/* Callback of GIMP: runs the procedure @name. *values: (out) (static): status, and the layer or the error. */
static void
run (const char *name, int n_arguments, const GimpParam *arguments, int *n_values, GimpParam **values)
{
  static GimpParam returned[2] = { { GIMP_PDB_STATUS }, { GIMP_PDB_LAYER } };
  GError *error = NULL;
  gegl_init (NULL, NULL);
  gimp_plugin_enable_precision ();
  returned[1].data.d_layer = run_procedure (core_procedure (name), arguments, &error);
  returned[0].data.d_status = !error                      ? GIMP_PDB_SUCCESS
                              : core_is_cancelled (error) ? GIMP_PDB_CANCEL
                                                          : GIMP_PDB_EXECUTION_ERROR;
  if (returned[0].data.d_status == GIMP_PDB_EXECUTION_ERROR)
    returned[1] = (GimpParam){ GIMP_PDB_STRING, { .d_string = g_strdup (error->message) } };
  *n_values = returned[0].data.d_status == GIMP_PDB_CANCEL ? 1 : 2;
  *values = returned;
  g_clear_error (&error);
}

const GimpPlugInInfo PLUG_IN_INFO = { NULL, NULL, query, run };

MAIN ()
