/* groups.c -- options in groups. GTK 3 marks the GTK 2 functions used here as deprecated. */
#define GDK_DISABLE_DEPRECATION_WARNINGS
#include "groups.h"
#include <string.h>

#define LABEL_CHARS 18

GtkWidget *
groups_box (void)
{
  return gtk_vbox_new (FALSE, 6);
}

GtkBox *
groups_add (GtkWidget *box, const char *heading, gboolean open)
{
  g_autofree char *markup = g_markup_printf_escaped ("<b>%s</b>", heading);
  GtkWidget *expander = gtk_expander_new (markup), *group = gtk_vbox_new (FALSE, 3);
  gtk_expander_set_use_markup (GTK_EXPANDER (expander), TRUE);
  gtk_expander_set_expanded (GTK_EXPANDER (expander), open);
  gtk_container_set_border_width (GTK_CONTAINER (group), 6);
  gtk_container_add (GTK_CONTAINER (expander), group);
  gtk_box_pack_start (GTK_BOX (box), expander, FALSE, FALSE, 0);
  return GTK_BOX (group);
}

void
groups_add_row (GtkBox *group, const char *label, GtkWidget *knob, const char *tip)
{
  GtkWidget *row = gtk_hbox_new (FALSE, 6), *text = label ? gtk_label_new (label) : NULL;
  if (text) {
    gtk_label_set_width_chars (GTK_LABEL (text), LABEL_CHARS);
    gtk_misc_set_alignment (GTK_MISC (text), 0, 0.5);
    gtk_box_pack_start (GTK_BOX (row), text, FALSE, FALSE, 0);
  }
  gtk_box_pack_start (GTK_BOX (row), knob, TRUE, TRUE, 0);
  gtk_widget_set_tooltip_text (row, tip);
  gtk_box_pack_start (group, row, FALSE, FALSE, 0);
}

void
groups_add_options (GtkWidget *box, const Procedure *procedure, gboolean labelled, GroupsKnobFunc knob,
                    gpointer user_data)
{
  const RvOption *option;
  const char *heading = "";
  GtkBox *group = NULL;
  for (guint i = 0; (option = core_option (procedure, i)); i++) {
    g_autofree char *tip = core_option_text (option);
    gboolean is_styles = g_strcmp0 (procedure->styles, rv_option_name (option)) == 0;
    if (strcmp (rv_option_group (option), heading) != 0)
      group = groups_add (box, rv_option_group (option), i == 0 || is_styles); /* others are closed at first */
    heading = rv_option_group (option);
    groups_add_row (group, labelled ? rv_option_name (option) : NULL, knob (option, user_data), tip);
  }
}
