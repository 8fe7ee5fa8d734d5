; only-2.scm -- writes the help of the procedures in GIMP 2.10 to files.
(define (help job procedure)
  (say-in (string-append "help-" job) (cadr (gimp-procedural-db-proc-info procedure))))
(help "style" "plug-in-reverie-style")
(help "style-learned" "plug-in-reverie-learned")
(help "dream" "plug-in-reverie-dream")
