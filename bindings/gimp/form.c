/* form.c -- a form from the library's tables: one widget for each option, in groups that open and close. */
#include "form.h"
#include <string.h>

#define MAX_SPIN_RANGE 1000.0 /* widest range with a spin button; in wider ranges, users type values */

struct _Form {
  Request *request;
  FormFunc changed;
  gpointer user_data;
  GtkBox *pictures;
  GtkWidget *file, *inputs;
  GHashTable *knobs, *moved; /* option -> widget; @moved: only widgets that the user changed */
  gboolean filling;          /* widgets are set by the program */
};

static char *
knob_text (GtkWidget *knob)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (GTK_IS_TOGGLE_BUTTON (knob))
    return g_strdup (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (knob)) ? "yes" : "no");
  if (GTK_IS_COMBO_BOX (knob))
    return gtk_combo_box_text_get_active_text (GTK_COMBO_BOX_TEXT (knob));
  if (GTK_IS_SPIN_BUTTON (knob))
    return g_strdup (
      g_ascii_formatd (number, sizeof number, "%.10g", gtk_spin_button_get_value (GTK_SPIN_BUTTON (knob))));
  return g_strdup (gtk_entry_get_text (GTK_ENTRY (knob)));
}

/* Sets all widgets to the values of the request, without calling form->changed. */
static void
fill_widgets (Form *form)
{
  GHashTableIter each;
  gpointer option, knob;
  form->filling = TRUE;
  g_hash_table_iter_init (&each, form->knobs);
  while (g_hash_table_iter_next (&each, &option, &knob)) {
    g_autofree char *text = request_get (form->request, rv_option_name (option));
    const char *const *choices = rv_option_choices (option);
    for (int i = 0; choices && choices[i]; i++)
      if (strcmp (choices[i], text) == 0)
        gtk_combo_box_set_active (GTK_COMBO_BOX (knob), i);
    if (GTK_IS_TOGGLE_BUTTON (knob))
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (knob), strcmp (text, "yes") == 0);
    else if (GTK_IS_SPIN_BUTTON (knob))
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (knob), g_ascii_strtod (text, NULL));
    else if (GTK_IS_ENTRY (knob))
      gtk_entry_set_text (GTK_ENTRY (knob), text);
  }
  form->filling = FALSE;
}

static void
read_inputs (Form *form)
{
  Request *request = form->request;
  g_free (request->file);
  request->file = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (form->file));
  g_free (request->inputs);
  request->inputs = g_strdup (gtk_entry_get_text (GTK_ENTRY (form->inputs)));
}

gboolean
form_read (Form *form, GError **error)
{
  GHashTableIter each;
  gpointer option, knob;
  gboolean ok = TRUE;
  g_hash_table_iter_init (&each, form->moved);
  while (g_hash_table_iter_next (&each, &option, &knob)) {
    g_autofree char *text = knob_text (knob);
    if (request_set (form->request, rv_option_name (option), text, ok ? error : NULL))
      g_hash_table_iter_remove (&each);
    else
      ok = FALSE;
  }
  read_inputs (form);
  return ok;
}

static void
on_other (GtkWidget *widget, gpointer data)
{
  Form *form = data;
  form->changed (form->user_data);
}

/* Notes that the user changed the widget, and calls form->changed. A preset first sets all other widgets, also those
 * with an invalid value. */
static void
on_knob (GtkWidget *knob, gpointer data)
{
  Form *form = data;
  const RvOption *option = g_object_get_data (G_OBJECT (knob), "option");
  if (form->filling)
    return;
  if (strcmp (rv_option_name (option), "preset") != 0)
    g_hash_table_insert (form->moved, (gpointer) option, knob);
  else {
    g_autofree char *preset = knob_text (knob);
    form_read (form, NULL);
    request_set (form->request, "preset", preset, NULL);
    g_hash_table_remove_all (form->moved);
    fill_widgets (form);
  }
  form->changed (form->user_data);
}

void
form_set (Form *form, const char *name, const char *value)
{
  if (form_read (form, NULL) && request_set (form->request, name, value, NULL))
    fill_widgets (form);
  form->changed (form->user_data);
}

/* GroupsKnobFunc; @data: the Form. Chooses the widget by type and range: list, check box, spin button, or entry. */
static GtkWidget *
knob_new (const RvOption *option, gpointer data)
{
  Form *form = data;
  const char *const *choices = rv_option_choices (option);
  double min, max;
  gboolean bounded = rv_option_range (option, &min, &max) && rv_option_default (option) && max - min <= MAX_SPIN_RANGE;
  GtkWidget *knob = choices                                               ? gtk_combo_box_text_new ()
                    : rv_option_type (option) == RV_OPTION_BOOL           ? gtk_check_button_new ()
                    : bounded && rv_option_type (option) == RV_OPTION_INT ? gtk_spin_button_new_with_range (min, max, 1)
                    : bounded ? gtk_spin_button_new_with_range (min, max, (max - min) / 100)
                              : gtk_entry_new ();
  for (; choices && *choices; choices++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (knob), *choices);
  if (bounded && rv_option_type (option) == RV_OPTION_REAL)
    gtk_spin_button_set_digits (GTK_SPIN_BUTTON (knob), max <= 1 ? 4 : 2);
  g_object_set_data (G_OBJECT (knob), "option", (gpointer) option);
  g_signal_connect (knob, GTK_IS_TOGGLE_BUTTON (knob) ? "toggled" : "changed", G_CALLBACK (on_knob), form);
  g_hash_table_insert (form->knobs, (gpointer) option, knob);
  return knob;
}

void
form_add_picture (Form *form, const char *text, GtkWidget *knob, const char *tip)
{
  groups_add_row (form->pictures, text, knob, tip);
}

Form *
form_new (GtkWidget *box, Request *request, FormFunc changed, gpointer user_data)
{
  Form *form = g_new0 (Form, 1);
  *form = (Form){ request, changed, user_data, groups_add (box, "pictures", TRUE) };
  form->file = gtk_file_chooser_button_new (request->procedure->other, GTK_FILE_CHOOSER_ACTION_OPEN);
  form->inputs = gtk_entry_new ();
  form->knobs = g_hash_table_new (NULL, NULL);
  form->moved = g_hash_table_new (NULL, NULL);
  if (request->file)
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (form->file), request->file);
  gtk_entry_set_text (GTK_ENTRY (form->inputs), request->inputs ? request->inputs : "");
  form_add_picture (form, request->procedure->other, form->file, request->procedure->tip);
  form_add_picture (form, "more pictures", form->inputs, CORE_INPUTS_HELP);
  g_signal_connect (form->file, "file-set", G_CALLBACK (on_other), form);
  g_signal_connect (form->inputs, "changed", G_CALLBACK (on_other), form);
  groups_add_options (box, request->procedure, TRUE, knob_new, form);
  fill_widgets (form);
  return form;
}

void
form_free (Form *form)
{
  g_hash_table_unref (form->knobs);
  g_hash_table_unref (form->moved);
  g_free (form);
}
