/* watch.c -- preview, thumbnails, progress bar. GTK 3 marks the GTK 2 functions used here as deprecated. */
#define GDK_DISABLE_DEPRECATION_WARNINGS
#include "watch.h"

#define PREVIEW_DELAY_MS 300 /* from the last change of a setting to the preview */
#define STYLES_HEIGHT_PX 230
#define TEXT_CHARS 34
#define TEXT_HEIGHT_PX 50 /* three lines */
#define FORM_WIDTH_PX 460
#define FORM_HEIGHT_PX 520

struct _Watch {
  Request *request;
  WatchReadFunc read;
  WatchStyleFunc on_style;
  gpointer user_data;
  GtkDialog *dialog;
  GtkWidget *form, *picture, *bar, *text;
  RvImage *small; /* small copy of the layer */
  guint timer;    /* timeout until the next preview; 0: none */
  RvJob *job;     /* job of the preview or the run; NULL: none */
  GCancellable *cancellable;
};

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static GdkPixbuf *
pixbuf_of (const RvImage *image)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, image->width, image->height);
  rv_image_to_memory (image, gdk_pixbuf_get_pixels (pixbuf), RV_PIXEL_U8, 3, (gsize) gdk_pixbuf_get_rowstride (pixbuf),
                      NULL);
  return pixbuf;
}

static void
show_picture (Watch *watch, RvImage *image)
{
  g_autoptr (RvImage) small = core_small (image, NULL);
  g_autoptr (GdkPixbuf) pixbuf = small ? pixbuf_of (small) : NULL;
  if (pixbuf)
    gtk_image_set_from_pixbuf (GTK_IMAGE (watch->picture), pixbuf);
}

static void
show_progress (Watch *watch, double part, const char *text)
{
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (watch->bar), CLAMP (part, 0, 1));
  gtk_label_set_text (GTK_LABEL (watch->text), text);
}

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watch *watch = data;
  if (job != watch->job) /* report of a cancelled job */
    return;
  if (report->type == RV_JOB_REPORT_PREVIEW || (report->type == RV_JOB_REPORT_ENDED && report->picture))
    show_picture (watch, report->picture);
  if (report->type == RV_JOB_REPORT_PROGRESS) {
    g_autofree char *text = core_progress (report);
    show_progress (watch, report->done_01, text);
  }
}

/* ---- previews ---------------------------------------------------------------------------------------------------- */

/* Cancels a scheduled or running preview, and waits for its end. */
static void
cancel_job (Watch *watch)
{
  if (watch->timer)
    g_source_remove (watch->timer);
  watch->timer = 0;
  if (!watch->job)
    return;
  g_cancellable_cancel (watch->cancellable);
  g_clear_object (&watch->cancellable);
  rv_job_wait (watch->job, NULL); /* takes a fraction of a second */
  g_clear_pointer (&watch->job, rv_job_unref);
}

static void
on_preview_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watch *watch = data;
  on_report (job, report, data);
  if (job == watch->job && report->type == RV_JOB_REPORT_ENDED)
    show_progress (watch, 0, report->error ? report->error->message : "Preview");
}

/* GSourceFunc; @data: the Watch. Starts a preview with the settings of the form. Shows an error as text. */
static gboolean
begin_preview (gpointer data)
{
  Watch *watch = data;
  g_autoptr (GError) error = NULL;
  watch->timer = 0;
  cancel_job (watch);
  if (watch->small && watch->read (watch->request, watch->user_data, &error) &&
      (watch->job = request_preview_job (watch->request, watch->small, &error))) {
    watch->cancellable = g_cancellable_new ();
    rv_job_subscribe (watch->job, 0.3, on_preview_report, watch, NULL);
    rv_job_start (watch->job, watch->cancellable, &error);
  }
  if (error) {
    show_picture (watch, watch->small);
    show_progress (watch, 0, error->message);
  }
  return G_SOURCE_REMOVE;
}

void
watch_changed (gpointer data)
{
  Watch *watch = data;
  cancel_job (watch);
  watch->timer = g_timeout_add (PREVIEW_DELAY_MS, begin_preview, watch);
}

/* ---- thumbnails -------------------------------------------------------------------------------------------------- */

enum { COLUMN_PICTURE, COLUMN_NAME };

/* Passes the name of the chosen style to watch->on_style. */
static void
on_selected (GtkIconView *view, gpointer data)
{
  Watch *watch = data;
  GList *paths = gtk_icon_view_get_selected_items (view);
  GtkTreeModel *model = gtk_icon_view_get_model (view);
  GtkTreeIter row;
  if (paths && gtk_tree_model_get_iter (model, &row, paths->data)) {
    g_autofree char *name = NULL;
    gtk_tree_model_get (model, &row, COLUMN_NAME, &name, -1);
    watch->on_style (name, watch->user_data);
  }
  g_list_free_full (paths, (GDestroyNotify) gtk_tree_path_free);
}

static GtkListStore *
list_styles (void)
{
  GtkListStore *list = gtk_list_store_new (2, GDK_TYPE_PIXBUF, G_TYPE_STRING);
  g_autoptr (RvStyleNet) style_net = rv_style_net_new_builtin (NULL);
  for (guint i = 0; style_net && i < rv_style_net_n_styles (style_net); i++) {
    g_autoptr (RvImage) thumbnail = rv_style_net_style_thumbnail (style_net, i, NULL);
    g_autoptr (GdkPixbuf) pixbuf = thumbnail ? pixbuf_of (thumbnail) : NULL;
    gtk_list_store_insert_with_values (list, NULL, -1, COLUMN_PICTURE, pixbuf, COLUMN_NAME,
                                       rv_style_net_style_name (style_net, i), -1);
  }
  return list;
}

/* (transfer floating): a scrolled list of the built-in styles as thumbnails. */
static GtkWidget *
styles_new (Watch *watch)
{
  GtkListStore *list = list_styles ();
  GtkWidget *view = gtk_icon_view_new_with_model (GTK_TREE_MODEL (list));
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  g_object_unref (list); /* owned by the view */
  gtk_icon_view_set_pixbuf_column (GTK_ICON_VIEW (view), COLUMN_PICTURE);
  gtk_icon_view_set_tooltip_column (GTK_ICON_VIEW (view), COLUMN_NAME);
  gtk_icon_view_set_item_padding (GTK_ICON_VIEW (view), 2);
  gtk_icon_view_set_columns (GTK_ICON_VIEW (view), 3);
  g_signal_connect (view, "selection-changed", G_CALLBACK (on_selected), watch);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_container_add (GTK_CONTAINER (scrolled), view);
  gtk_widget_set_size_request (scrolled, CORE_PREVIEW_PX, STYLES_HEIGHT_PX);
  return scrolled;
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* (transfer floating): the left side: preview, progress bar, text, and thumbnails if there are learned styles. */
static GtkWidget *
left_new (Watch *watch)
{
  GtkWidget *left = gtk_vbox_new (FALSE, 6);
  watch->picture = gtk_image_new ();
  watch->bar = gtk_progress_bar_new ();
  watch->text = gtk_label_new ("");
  gtk_label_set_line_wrap (GTK_LABEL (watch->text), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (watch->text), TEXT_CHARS);
  gtk_widget_set_size_request (watch->text, CORE_PREVIEW_PX, TEXT_HEIGHT_PX);
  gtk_widget_set_size_request (watch->picture, CORE_PREVIEW_PX, CORE_PREVIEW_PX);
  gtk_box_pack_start (GTK_BOX (left), watch->picture, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (left), watch->bar, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (left), watch->text, FALSE, FALSE, 0);
  if (watch->request->procedure->styles)
    gtk_box_pack_start (GTK_BOX (left), styles_new (watch), TRUE, TRUE, 0);
  return left;
}

/* Fills the dialog with the left side and the scrolled form, and shows them. */
static void
lay_out (Watch *watch, GtkWidget *form)
{
  GtkWidget *both = gtk_hbox_new (FALSE, 12), *scrolled = gtk_scrolled_window_new (NULL, NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_add_with_viewport (GTK_SCROLLED_WINDOW (scrolled), form);
  gtk_widget_set_size_request (scrolled, FORM_WIDTH_PX, FORM_HEIGHT_PX);
  gtk_box_pack_start (GTK_BOX (both), left_new (watch), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (both), scrolled, TRUE, TRUE, 0);
  gtk_container_set_border_width (GTK_CONTAINER (both), 12);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (watch->dialog)), both, TRUE, TRUE, 0);
  gtk_widget_show_all (both);
  watch->form = scrolled;
}

Watch *
watch_new (GtkDialog *dialog, GtkWidget *form, Request *request, WatchReadFunc read, WatchStyleFunc on_style,
           gpointer user_data)
{
  Watch *watch = g_new0 (Watch, 1);
  *watch = (Watch){ request, read, on_style, user_data, dialog };
  watch->small = core_small (request->picture, NULL);
  lay_out (watch, form);
  if (watch->small)
    show_picture (watch, watch->small);
  watch_changed (watch);
  return watch;
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

static void
on_response (GtkDialog *dialog, int response, gpointer cancellable)
{
  if (response == GTK_RESPONSE_CANCEL || response == GTK_RESPONSE_DELETE_EVENT)
    g_cancellable_cancel (cancellable);
}

/* (transfer full) (nullable): the result of watch->job. The dialog's Cancel and close: RV_ERROR_CANCELLED. */
static RvImage *
run_job (Watch *watch, GError **error)
{
  watch->cancellable = g_cancellable_new ();
  gulong responses = g_signal_connect (watch->dialog, "response", G_CALLBACK (on_response), watch->cancellable);
  gulong closes =
    g_signal_connect (watch->dialog, "delete-event", G_CALLBACK (gtk_true), NULL); /* keeps the dialog open */
  show_progress (watch, 0, "reading the pictures");
  RvImage *result = core_run (watch->request, watch->job, on_report, watch, watch->cancellable, error);
  g_signal_handler_disconnect (watch->dialog, responses);
  g_signal_handler_disconnect (watch->dialog, closes);
  g_clear_object (&watch->cancellable);
  return result;
}

/* (transfer full) (nullable): the result. *recipe: (out) (transfer full), unset without a result. *again: (out): TRUE:
 * an error is shown, and the user can correct the settings. */
static RvImage *
run_once (Watch *watch, char **recipe, gboolean *again)
{
  g_autoptr (GError) error = NULL;
  RvImage *result = NULL;
  cancel_job (watch);
  gtk_widget_set_sensitive (watch->form, FALSE);
  gtk_dialog_set_response_sensitive (watch->dialog, GTK_RESPONSE_OK, FALSE);
  if (watch->read (watch->request, watch->user_data, &error) && (watch->job = request_job (watch->request, &error)) &&
      (result = run_job (watch, &error)))
    *recipe = rv_job_recipe (watch->job);
  g_clear_pointer (&watch->job, rv_job_unref);
  gtk_dialog_set_response_sensitive (watch->dialog, GTK_RESPONSE_OK, TRUE);
  gtk_widget_set_sensitive (watch->form, TRUE);
  *again = error && !core_is_cancelled (error);
  if (*again)
    show_progress (watch, 0, error->message);
  return result;
}

RvImage *
watch_run (Watch *watch, WatchRunFunc run, char **recipe, GError **error)
{
  RvImage *result = NULL;
  gboolean again = TRUE;
  while (again && run (watch->dialog))
    result = run_once (watch, recipe, &again);
  if (!result)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_CANCELLED, "cancelled");
  cancel_job (watch);
  gtk_widget_destroy (GTK_WIDGET (watch->dialog));
  rv_image_unref (watch->small);
  g_free (watch);
  return result;
}
