/* groups.h -- options of a procedure in groups that open and close, for GTK 2 and 3. */
#ifndef GROUPS_H
#define GROUPS_H

#include "core.h"
#include <gtk/gtk.h>

/* (transfer floating): the widget of an option. */
typedef GtkWidget *(*GroupsKnobFunc) (const RvOption *option, gpointer user_data);

/* (transfer floating): a box for all groups. */
GtkWidget *groups_box (void);
/* (transfer none): a box for the rows of a new group in @box. @open: whether it is open at first. */
GtkBox *groups_add (GtkWidget *box, const char *heading, gboolean open);
/* Adds a row with the widget @knob. @label: NULL: the widget has its own label. @tip: tooltip. */
void groups_add_row (GtkBox *group, const char *label, GtkWidget *knob, const char *tip);
/* Adds a group for each group of the tables, with a widget for each option. @labelled: whether rows have labels. */
void groups_add_options (GtkWidget *box, const Procedure *procedure, gboolean labelled, GroupsKnobFunc knob,
                         gpointer user_data);

#endif
