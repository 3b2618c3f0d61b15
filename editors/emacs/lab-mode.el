;;; lab-mode.el --- The Lab language -*- lexical-binding: t -*-
;; (add-to-list 'load-path "…/editors/emacs") (require 'lab-mode)
;; (add-hook 'lab-mode-hook #'eglot-ensure)

;;; Code:
(defgroup lab nil "The Lab language." :group 'languages)
(defcustom lab-server "labc" "The program labc." :type 'string :group 'lab)

(defvar lab-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23" table)
    (modify-syntax-entry ?\n "> b" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?- "_" table)
    (modify-syntax-entry ?_ "_" table)
    table))

(defvar lab-font-lock-keywords
  `((,(regexp-opt '("let" "param" "fn" "type" "schema" "component" "environment" "import" "test" "override" "remove" "fails" "assert" "assume"
                    "if" "then" "else" "for" "and" "or" "not" "in" "because" "where" "on" "at" "via" "to" "from" "of" "like") 'symbols)
     . font-lock-keyword-face)
    (,(regexp-opt '("true" "false" "none" "self") 'symbols) . font-lock-constant-face)
    ("^\\([a-zA-Z_][a-zA-Z0-9_-]*\\)[ \t]+[a-zA-Z_\"{]" 1 font-lock-type-face)
    ("\\_<\\([a-zA-Z_][a-zA-Z0-9_-]*\\)[ \t]*\\+?=[^=>]" 1 font-lock-variable-name-face)
    ("\\$\\([{][^}\n]*}\\)" 0 font-lock-variable-name-face prepend)))

(defun lab-indent-line ()
  "Indent by the number of brackets around the line."
  (interactive)
  (let* ((depth (save-excursion (back-to-indentation)
                                (- (car (syntax-ppss)) (if (looking-at "[]})]") 1 0))))
         (offset (- (current-column) (current-indentation))))
    (indent-line-to (* 2 (max 0 depth)))
    (when (> offset 0) (forward-char offset))))

;;;###autoload
(define-derived-mode lab-mode prog-mode "Lab"
  "Major mode for labs."
  (setq-local comment-start "// " comment-start-skip "//+[ \t]*" comment-end ""
              indent-line-function #'lab-indent-line indent-tabs-mode nil
              font-lock-defaults '(lab-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.lab\\'" . lab-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs `(lab-mode . (,lab-server "lsp"))))

(provide 'lab-mode)
;;; lab-mode.el ends here
