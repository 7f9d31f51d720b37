"""The pages of appeals: where one is filed, the lists, the page of one and its deeds, the papers the family is given."""
