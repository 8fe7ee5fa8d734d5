/* groups.h -- the options of a procedure in a dialog, in groups that open and close, in GTK 2 and 3 alike. */
#ifndef GROUPS_H
#define GROUPS_H

#include "core.h"
#include <gtk/gtk.h>

/* GroupsKnobFunc: (transfer floating): what an option is set with. */
typedef GtkWidget *(*GroupsKnobFunc) (const RvOption *option, gpointer user_data);

/* groups_box: (transfer floating): for all of them. groups_add: a box for rows. groups_add_row: @label: NULL: @knob has
 * its own. groups_add_options: a group for each of the tables', with a knob for each option; @labelled: as above. */
GtkWidget *groups_box (void);
GtkBox *groups_add (GtkWidget *box, const char *heading, gboolean open);
void groups_add_row (GtkBox *group, const char *label, GtkWidget *knob, const char *tip);
void groups_add_options (GtkWidget *box, const Procedure *procedure, gboolean labelled, GroupsKnobFunc knob,
                         gpointer user_data);

#endif
